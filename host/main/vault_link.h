// SPDX-License-Identifier: Apache-2.0
// The server's way to the vault of the moment. A thread of its own asks the vault every two seconds whether it is
// there, and for new lanes when its process has died and the supervisor has started another. Callers then see one
// failed call, or none where asking twice does no harm. A vault that has said nothing for eight seconds is not waited
// for: calls, also those under way, end with Unavailable "vault_unreachable" until it answers again. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "host/credential/vault_service.h"
#include "host/wire/service.h"

namespace portico::app {

class VaultLink final : public credential::Vault {
public:
    // Throws Unavailable when the vault cannot be reached within the deadline.
    VaultLink(wire::ServiceClient& supervisor, int lanes, Deadline deadline);
    ~VaultLink() override;
    void close();
    // For how long the vault has not answered; zero while it does, and in the first seconds after.
    Millis silentFor() const;

    credential::VaultStatus status() override;
    void reloadPlugins() override;
    credential::ProviderSetup providerSetup() override;
    credential::ClientVerdict askForClient() override;
    void putClient(const credential::NewClient& client, const SecretBytes& secret) override;
    void forgetClient() override;
    credential::BeginResult begin(const credential::BeginRequest& request) override;
    credential::CompleteResult complete(const credential::CompleteRequest& request) override;
    std::vector<credential::PendingGrant> pendingGrants(const credential::PendingRequest& request) override;
    credential::CompleteResult acceptPending(const credential::PendingRequest& request) override;
    void discardPending(const credential::PendingRequest& request) override;
    credential::BeginResult retryPending(const credential::PendingRequest& request) override;
    credential::CompleteResult connectPassword(const credential::PasswordRequest& request,
                                               const SecretBytes& password) override;
    void checkServer(const std::string& server) override;
    std::vector<credential::ConnectionInfo> connections(const TenantId& tenant, const UserId& user) override;
    credential::ConnectionInfo connection(const TenantId& tenant, const ConnectionId& id) override;
    bool isShared(const TenantId& tenant, const ConnectionId& id) override;
    credential::Receipt disconnect(const credential::DisconnectRequest& request) override;
    std::string lease(const credential::LeaseRequest& request) override;
    void endLease(const std::string& lease) override;
    void endLeases(const TenantId& tenant, const PluginId& plugin) override;
    std::vector<credential::SecurityEffect> securityEvent(std::string_view token) override;
    credential::FetchResult fetch(const credential::FetchRequest& request, std::string_view body,
                                  credential::BlobSource* source, credential::BlobSink* sink) override;
    std::vector<credential::Use> uses(const TenantId& tenant, const UserId& user, int limit) override;
    std::vector<credential::UseGroup> useGroups(const TenantId& tenant, const UserId& user, int limit) override;
    std::vector<credential::LogEntry> log(const TenantId& tenant, const UserId& user, int limit) override;
    std::int64_t eraseHistory(const TenantId& tenant, const UserId& user) override;

private:
    struct Way;  // to one process of the vault
    std::shared_ptr<Way> current();
    std::shared_ptr<Way> connect();
    void lost(const std::shared_ptr<Way>& dead);
    void watch();
    bool ask(const std::shared_ptr<Way>& way);
    template <class F>
    auto once(F&& f);  // for calls that must not be sent twice
    template <class F>
    auto twice(F&& f);  // for calls that only ask

    wire::ServiceClient& supervisor_;
    const int lanes_;
    std::atomic<std::int64_t> unanswered_ns_{0};  // when the question was put that is still open; 0: none is
    std::atomic<bool> closed_{false};
    std::mutex mutex_;  // guards way_
    std::condition_variable changed_;
    std::shared_ptr<Way> way_;  // empty while there is no vault
    std::thread watch_;
};

}  // namespace portico::app
