// SPDX-License-Identifier: Apache-2.0
#include "host/main/vault_link.h"

#include <pthread.h>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/wire/service_server.h"

namespace portico::app {
namespace {

constexpr auto kSupervisorTime = Millis(10'000);
constexpr auto kAskEvery = Millis(2'000), kPause = Millis(100);
constexpr auto kSilence = Millis(8'000);      // of a process that has nothing to wait for before it answers
constexpr auto kRestartTime = Millis(3'000);  // that a caller waits for the next vault when one has just died

bool lostPeer(const Error& error) { return error.code() == Code::Unavailable && error.reason() == "peer_gone"; }

[[noreturn]] void unreachable() {
    throw Error(Code::Unavailable, "vault_unreachable",
                "the credential service is not answering. Your data is safe, and changes are sent later", 5'000);
}

}  // namespace

// The pulse has a lane of its own: all others may be busy with long requests.
struct VaultLink::Way {
    Way(std::vector<Fd> lanes, std::vector<Fd> lane, GivenUp hopeless)
        : vault(std::move(lanes), std::move(hopeless)), pulse(std::move(lane)) {}
    credential::RemoteVault vault;
    wire::ServiceClient pulse;
};

VaultLink::VaultLink(wire::ServiceClient& supervisor, int lanes, Deadline deadline)
    : supervisor_(supervisor), lanes_(lanes) {
    while (!way_) {
        try {
            way_ = connect();
        } catch (const Error& error) {
            if (deadline.passed())
                throw Error(Code::Unavailable, "vault_unreachable",
                            std::string("wait for the credential service to start: ") + error.what());
            std::this_thread::sleep_for(kPause);  // the vault is starting beside us
        }
    }
    watch_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "vault-watch");
        watch();
    });
}

VaultLink::~VaultLink() {
    close();
    watch_.join();
}

void VaultLink::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        if (way_) way_->vault.close();
    }
    changed_.notify_all();
}

Millis VaultLink::silentFor() const {
    const std::int64_t since = unanswered_ns_;
    if (since == 0) return Millis(0);
    const Millis silence((monotonicNs() - since) / 1'000'000);
    return silence > kSilence ? silence : Millis(0);
}

void VaultLink::watch() {
    while (!closed_) {
        std::int64_t none = 0;
        unanswered_ns_.compare_exchange_strong(none, monotonicNs());
        std::shared_ptr<Way> way;
        {
            const std::lock_guard lock(mutex_);
            way = way_;
        }
        const bool there = way ? ask(way) : false;
        if (!there && !closed_) {
            try {
                way = connect();
                const std::lock_guard lock(mutex_);
                way_ = way;
            } catch (const Error& error) {  // not up yet
                log::debug("vault.unreachable", {{"reason", error.what()}});
            }
            changed_.notify_all();
        }
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, there ? kAskEvery : kPause, [&] { return closed_ || (there && !way_); });
    }
}

// Whether the vault of these lanes is there, however long its answer takes.
bool VaultLink::ask(const std::shared_ptr<Way>& way) {
    try {
        way->pulse.call(credential::kPing, "{}", {}, Deadline::never(), {}, {}, [this] { return closed_.load(); });
    } catch (const Error& error) {
        if (lostPeer(error)) lost(way);
        return false;
    }
    if (const Millis silence = silentFor(); silence.count() > 0)
        log::info("vault.answers_again", {{"after_s", std::to_string(silence.count() / 1000)}});
    unanswered_ns_ = 0;
    return true;
}

std::shared_ptr<VaultLink::Way> VaultLink::current() {
    if (silentFor().count() > 0) unreachable();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kRestartTime, [&] { return way_ || closed_; });
    if (closed_) throw Error(Code::Unavailable, "stopping", "Portico is stopping");
    if (!way_) unreachable();
    return way_;
}

std::shared_ptr<VaultLink::Way> VaultLink::connect() {
    std::vector<Fd> ours, theirs;
    std::vector<int> handed;
    for (int i = 0; i <= lanes_; ++i) {
        auto [near, far] = wire::lanePair();
        handed.push_back(far.get());
        ours.push_back(std::move(near));
        theirs.push_back(std::move(far));
    }
    supervisor_.call("vault.lanes", "{}", {}, Deadline::in(kSupervisorTime), {}, handed);
    std::vector<Fd> pulse;
    pulse.push_back(std::move(ours.back()));
    ours.pop_back();
    return std::make_shared<Way>(std::move(ours), std::move(pulse), [this] { return silentFor().count() > 0; });
}

// Its process has ended: the watching thread looks for the next one.
void VaultLink::lost(const std::shared_ptr<Way>& dead) {
    {
        const std::lock_guard lock(mutex_);
        if (way_ != dead) return;  // another thread was faster
        way_.reset();
    }
    log::warning("vault.lost", {});
    changed_.notify_all();
}

template <class F>
auto VaultLink::once(F&& f) {
    const std::shared_ptr<Way> way = current();
    try {
        return f(way->vault);
    } catch (const Error& error) {
        if (lostPeer(error)) lost(way);
        if (error.reason() == "given_up" && silentFor().count() > 0) unreachable();
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

credential::ProviderSetup VaultLink::providerSetup() {
    return twice([](credential::Vault& vault) { return vault.providerSetup(); });
}

credential::ClientVerdict VaultLink::askForClient() {
    return twice([](credential::Vault& vault) { return vault.askForClient(); });
}

void VaultLink::putClient(const credential::NewClient& client, const SecretBytes& secret) {
    once([&](credential::Vault& vault) { vault.putClient(client, secret); });
}

void VaultLink::forgetClient() {
    once([](credential::Vault& vault) { vault.forgetClient(); });
}

credential::BeginResult VaultLink::begin(const credential::BeginRequest& request) {
    return twice([&](credential::Vault& vault) { return vault.begin(request); });
}

credential::CompleteResult VaultLink::complete(const credential::CompleteRequest& request) {
    return once([&](credential::Vault& vault) { return vault.complete(request); });
}

std::vector<credential::PendingGrant> VaultLink::pendingGrants(const credential::PendingRequest& request) {
    return twice([&](credential::Vault& vault) { return vault.pendingGrants(request); });
}

credential::CompleteResult VaultLink::acceptPending(const credential::PendingRequest& request) {
    return once([&](credential::Vault& vault) { return vault.acceptPending(request); });
}

void VaultLink::discardPending(const credential::PendingRequest& request) {
    once([&](credential::Vault& vault) { vault.discardPending(request); });
}

credential::BeginResult VaultLink::retryPending(const credential::PendingRequest& request) {
    return once([&](credential::Vault& vault) { return vault.retryPending(request); });
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

bool VaultLink::isShared(const TenantId& tenant, const ConnectionId& id) {
    return twice([&](credential::Vault& vault) { return vault.isShared(tenant, id); });
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
