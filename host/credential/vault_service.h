// SPDX-License-Identifier: Apache-2.0
// Both ends of the vault's wire. serveVault turns service requests into calls of a Vault; RemoteVault is a Vault whose
// calls become such requests. While a fetch runs, the vault asks back for file bytes (blob.read, blob.write).
// Thread-safe.
#pragma once

#include "host/credential/vault.h"
#include "host/wire/service.h"

namespace portico::credential {

// Answered at once whatever the vault is busy with.
inline constexpr std::string_view kPing = "vault.ping";

// The handler for a wire::ServiceServer. The vault must outlive it.
wire::ServiceHandler serveVault(Vault& vault);

// Every method that it answers.
std::vector<std::string> vaultMethods();

class RemoteVault final : public Vault {
public:
    // The client's ends of the lanes to portico-vault. `hopeless`: whether to wait for its answers no longer; calls
    // then end with Cancelled "given_up".
    explicit RemoteVault(std::vector<Fd> lanes, GivenUp hopeless = {})
        : client_(std::move(lanes)), hopeless_(std::move(hopeless)) {}
    // Wakes whoever waits for an answer; every call then throws Unavailable.
    void close() { client_.close(); }

    VaultStatus status() override;
    void reloadPlugins() override;
    ProviderSetup providerSetup() override;
    ClientVerdict askForClient() override;
    void putClient(const NewClient& client, const SecretBytes& secret) override;
    void forgetClient() override;
    BeginResult begin(const BeginRequest& request) override;
    CompleteResult complete(const CompleteRequest& request) override;
    std::vector<PendingGrant> pendingGrants(const PendingRequest& request) override;
    CompleteResult acceptPending(const PendingRequest& request) override;
    void discardPending(const PendingRequest& request) override;
    BeginResult retryPending(const PendingRequest& request) override;
    CompleteResult connectPassword(const PasswordRequest& request, const SecretBytes& password) override;
    void checkServer(const std::string& server) override;
    std::vector<ConnectionInfo> connections(const TenantId& tenant, const UserId& user) override;
    ConnectionInfo connection(const TenantId& tenant, const ConnectionId& id) override;
    bool isShared(const TenantId& tenant, const ConnectionId& id) override;
    Receipt disconnect(const DisconnectRequest& request) override;
    std::string lease(const LeaseRequest& request) override;
    void endLease(const std::string& lease) override;
    void endLeases(const TenantId& tenant, const PluginId& plugin) override;
    std::vector<SecurityEffect> securityEvent(std::string_view token) override;
    FetchResult fetch(const FetchRequest& request, std::string_view body, BlobSource* source, BlobSink* sink) override;
    std::vector<Use> uses(const TenantId& tenant, const UserId& user, int limit) override;
    std::vector<UseGroup> useGroups(const TenantId& tenant, const UserId& user, int limit) override;
    std::vector<LogEntry> log(const TenantId& tenant, const UserId& user, int limit) override;
    std::int64_t eraseHistory(const TenantId& tenant, const UserId& user) override;

private:
    Json call(std::string_view method, const Json& args);
    wire::ServiceReply callWith(std::string_view method, const Json& args, std::string_view body = {},
                                std::optional<Deadline> deadline = std::nullopt);
    Json list(std::string_view method, const TenantId& tenant, const UserId& user, int limit);

    wire::ServiceClient client_;
    const GivenUp hopeless_;
};

}  // namespace portico::credential
