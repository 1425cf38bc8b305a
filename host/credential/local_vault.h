// SPDX-License-Identifier: Apache-2.0
// The credential service inside portico-vault: puts its parts together. Thread-safe.
// Without a usable key it starts all the same, in the sealed state: status() says why, everything else is refused.
#pragma once

#include <filesystem>
#include <memory>

#include "host/credential/config.h"
#include "host/credential/transport.h"
#include "host/credential/vault.h"

namespace portico::credential {

class LocalVault final : public Vault {
public:
    struct Folders {
        std::filesystem::path data;  // vault.db, ledger, and vault.key unless the configuration names another file
        std::filesystem::path plugins;
        std::filesystem::path keys;            // trusted signers of plugins
        std::filesystem::path installed = {};  // the operator's own plugins
    };
    // Transport and clock must outlive this. Throws when the database itself cannot be used.
    LocalVault(const Folders& folders, VaultConfig config, Transport& transport, const Clock& clock);
    ~LocalVault() override;

    // Starts the maintenance thread; without it maintain() is for the caller to call.
    void start();
    void maintain();

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
    struct Parts;
    Parts& parts();

    std::unique_ptr<Parts> parts_;
    std::string sealed_;  // why there are no parts
};

}  // namespace portico::credential
