// SPDX-License-Identifier: Apache-2.0
// The server's way to the vault of the moment. When the vault's process has died, the supervisor starts another, and
// this asks for new lanes to it; callers only see one failed call, or none where asking twice does no harm.
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>

#include "host/credential/vault_service.h"
#include "host/wire/service.h"

namespace portico::app {

class VaultLink final : public credential::Vault {
public:
    // Throws Unavailable when the vault cannot be reached within the deadline.
    VaultLink(wire::ServiceClient& supervisor, int lanes, Deadline deadline);
    ~VaultLink() override;
    void close();

    credential::VaultStatus status() override;
    void reloadPlugins() override;
    credential::BeginResult begin(const credential::BeginRequest& request) override;
    credential::CompleteResult complete(const credential::CompleteRequest& request) override;
    credential::CompleteResult connectPassword(const credential::PasswordRequest& request,
                                               const SecretBytes& password) override;
    void checkServer(const std::string& server) override;
    std::vector<credential::ConnectionInfo> connections(const TenantId& tenant, const UserId& user) override;
    credential::ConnectionInfo connection(const TenantId& tenant, const ConnectionId& id) override;
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
    using Remote = std::shared_ptr<credential::RemoteVault>;
    Remote current();
    Remote connect();
    void replace(const Remote& dead);
    template <class F>
    auto once(F&& f);  // for calls that must not be sent twice
    template <class F>
    auto twice(F&& f);  // for calls that only ask

    wire::ServiceClient& supervisor_;
    const int lanes_;
    std::mutex mutex_;  // guards remote_ and closed_
    Remote remote_;
    bool closed_ = false;
};

}  // namespace portico::app
