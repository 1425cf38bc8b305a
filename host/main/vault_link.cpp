// SPDX-License-Identifier: Apache-2.0
#include "host/main/vault_link.h"

#include <thread>

#include "host/base/log.h"
#include "host/wire/service_server.h"

namespace portico::app {
namespace {

constexpr auto kSupervisorTime = Millis(10'000);
constexpr auto kPause = Millis(100);

bool lostPeer(const Error& error) { return error.code() == Code::Unavailable && error.reason() == "peer_gone"; }

}  // namespace

VaultLink::VaultLink(wire::ServiceClient& supervisor, int lanes, Deadline deadline)
    : supervisor_(supervisor), lanes_(lanes) {
    for (;;) {
        try {
            remote_ = connect();
            return;
        } catch (const Error& error) {
            if (deadline.passed()) throw;
            std::this_thread::sleep_for(kPause);  // the vault is starting beside us
        }
    }
}

VaultLink::~VaultLink() { close(); }

void VaultLink::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (remote_) remote_->close();
}

VaultLink::Remote VaultLink::current() {
    const std::lock_guard lock(mutex_);
    if (!remote_ && !closed_) remote_ = connect();
    if (closed_) throw Error(Code::Unavailable, "stopping", "Portico is stopping");
    return remote_;
}

VaultLink::Remote VaultLink::connect() {
    std::vector<Fd> ours, theirs;
    std::vector<int> handed;
    for (int i = 0; i < lanes_; ++i) {
        auto [near, far] = wire::lanePair();
        handed.push_back(far.get());
        ours.push_back(std::move(near));
        theirs.push_back(std::move(far));
    }
    supervisor_.call("vault.lanes", "{}", {}, Deadline::in(kSupervisorTime), {}, handed);
    return std::make_shared<credential::RemoteVault>(std::move(ours));
}

void VaultLink::replace(const Remote& dead) {
    const std::lock_guard lock(mutex_);
    if (remote_ != dead || closed_) return;  // another thread was faster
    remote_.reset();
    try {
        remote_ = connect();
    } catch (const Error& error) {  // not up yet: the next call tries again
        log::warning("vault.unreachable", {{"reason", error.what()}});
    }
}

template <class F>
auto VaultLink::once(F&& f) {
    const Remote remote = current();
    try {
        return f(*remote);
    } catch (const Error& error) {
        if (lostPeer(error)) replace(remote);
        throw;
    }
}

template <class F>
auto VaultLink::twice(F&& f) {
    try {
        return once(f);
    } catch (const Error& error) {
        if (!lostPeer(error)) throw;
        return once(f);
    }
}

credential::VaultStatus VaultLink::status() {
    return twice([](credential::Vault& vault) { return vault.status(); });
}

void VaultLink::reloadPlugins() {
    twice([](credential::Vault& vault) { vault.reloadPlugins(); });
}

credential::BeginResult VaultLink::begin(const credential::BeginRequest& request) {
    return twice([&](credential::Vault& vault) { return vault.begin(request); });
}

credential::CompleteResult VaultLink::complete(const credential::CompleteRequest& request) {
    return once([&](credential::Vault& vault) { return vault.complete(request); });
}

credential::CompleteResult VaultLink::connectPassword(const credential::PasswordRequest& request,
                                                      const SecretBytes& password) {
    return once([&](credential::Vault& vault) { return vault.connectPassword(request, password); });
}

void VaultLink::checkServer(const std::string& server) {
    twice([&](credential::Vault& vault) { vault.checkServer(server); });
}

std::vector<credential::ConnectionInfo> VaultLink::connections(const TenantId& tenant, const UserId& user) {
    return twice([&](credential::Vault& vault) { return vault.connections(tenant, user); });
}

credential::ConnectionInfo VaultLink::connection(const TenantId& tenant, const ConnectionId& id) {
    return twice([&](credential::Vault& vault) { return vault.connection(tenant, id); });
}

credential::Receipt VaultLink::disconnect(const credential::DisconnectRequest& request) {
    return once([&](credential::Vault& vault) { return vault.disconnect(request); });
}

std::string VaultLink::lease(const credential::LeaseRequest& request) {
    return twice([&](credential::Vault& vault) { return vault.lease(request); });
}

void VaultLink::endLease(const std::string& lease) {
    once([&](credential::Vault& vault) { vault.endLease(lease); });
}

void VaultLink::endLeases(const TenantId& tenant, const PluginId& plugin) {
    twice([&](credential::Vault& vault) { vault.endLeases(tenant, plugin); });
}

// Asked once: the provider sends an event again that was not taken, and only the first answer tells what it led to.
std::vector<credential::SecurityEffect> VaultLink::securityEvent(std::string_view token) {
    return once([&](credential::Vault& vault) { return vault.securityEvent(token); });
}

credential::FetchResult VaultLink::fetch(const credential::FetchRequest& request, std::string_view body,
                                         credential::BlobSource* source, credential::BlobSink* sink) {
    return once([&](credential::Vault& vault) { return vault.fetch(request, body, source, sink); });
}

std::vector<credential::Use> VaultLink::uses(const TenantId& tenant, const UserId& user, int limit) {
    return twice([&](credential::Vault& vault) { return vault.uses(tenant, user, limit); });
}

std::vector<credential::UseGroup> VaultLink::useGroups(const TenantId& tenant, const UserId& user, int limit) {
    return twice([&](credential::Vault& vault) { return vault.useGroups(tenant, user, limit); });
}

std::vector<credential::LogEntry> VaultLink::log(const TenantId& tenant, const UserId& user, int limit) {
    return twice([&](credential::Vault& vault) { return vault.log(tenant, user, limit); });
}

std::int64_t VaultLink::eraseHistory(const TenantId& tenant, const UserId& user) {
    return twice([&](credential::Vault& vault) { return vault.eraseHistory(tenant, user); });
}

}  // namespace portico::app
