// SPDX-License-Identifier: Apache-2.0
// The vault, the plugins and the sync engine in memory: small, obedient, and remembering what they were asked. The real
// ones are tested in their own rooms and together in the integration suite. One lock each; thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "host/api/ports.h"
#include "host/base/bytes.h"
#include "host/credential/vault.h"

namespace portico::api::test {

// The code "other" is of an account that was not expected.
class MemoryVault final : public credential::Vault {
public:
    explicit MemoryVault(const Clock& clock) : clock_(clock) {}

    credential::VaultStatus status() override;
    void reloadPlugins() override {}
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
    bool isShared(const TenantId&, const ConnectionId&) override { return shared; }
    credential::Receipt disconnect(const credential::DisconnectRequest& request) override;
    std::string lease(const credential::LeaseRequest&) override { return "lease"; }
    void endLease(const std::string&) override {}
    void endLeases(const TenantId&, const PluginId&) override {}
    std::vector<credential::SecurityEffect> securityEvent(std::string_view token) override;
    credential::FetchResult fetch(const credential::FetchRequest& request, std::string_view body,
                                  credential::BlobSource* source, credential::BlobSink* sink) override;
    std::vector<credential::Use> uses(const TenantId& tenant, const UserId& user, int limit) override;
    std::vector<credential::UseGroup> useGroups(const TenantId& tenant, const UserId& user, int limit) override;
    std::vector<credential::LogEntry> log(const TenantId& tenant, const UserId& user, int limit) override;
    std::int64_t eraseHistory(const TenantId& tenant, const UserId& user) override;

    credential::ProviderSetup setup;                    // what providerSetup() tells
    credential::ClientVerdict verdict{"accepted", ""};  // … and askForClient()
    std::string secret;                                 // of the last putClient()
    bool sealed = false;

    // A connection as if its consent had been given.
    ConnectionId connect(const TenantId& tenant, const UserId& user, const std::string& plugin);
    void addUse(credential::Use use) { uses_.push_back(std::move(use)); }
    bool shared = false;  // somebody else uses every account
    const credential::BeginRequest& lastBegin() const { return last_begin_; }
    // As the server's 401 would: what the next try of a password ends with.
    void refusePassword(const ConnectionId& id);

private:
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, credential::BeginRequest> begun_;  // by state
    std::vector<credential::ConnectionInfo> connections_;
    std::vector<credential::Use> uses_;
    credential::BeginRequest last_begin_;
    std::map<std::string, credential::BeginRequest> pending_;
    credential::BeginRequest takePending(const credential::PendingRequest& request);
};

class MemoryPlugins final : public PluginHost {
public:
    explicit MemoryPlugins(const crm::BlobStore& blobs);

    std::vector<PluginView> list(const TenantId& tenant) override;
    std::vector<const manifest::Manifest*> installed() override;
    void setEnabled(const CallContext& context, const PluginId& plugin, bool enabled) override;
    plugin::Erased eraseData(const CallContext& context, const PluginId& plugin) override;
    void putSettings(const CallContext& context, const PluginId& plugin, const Json& values) override;
    Json invoke(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                const std::string& action, const Json& args) override;
    std::vector<Json> collections(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                                  const std::string& stream) override;
    crm::StoredBlob download(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                             const std::string& action, const Json& args) override;
    std::vector<Json> busy(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                           const std::string& collection, Instant from, Instant until) override;

    void add(manifest::Manifest manifest);  // or in place of the one with its id

    // "google-drive.share {args}", in order.
    std::vector<std::string> calls;
    std::map<std::string, Error> failures;  // by "plugin.action"
    std::map<std::string, Json> trees;      // likewise: what invoke gives back
    Millis time_left{0};                    // what the newest call had
    std::vector<Json> busy_lines;
    std::function<void(const ConnectionId&)> on_collections;
    manifest::Changes unconsented;  // of every plugin

private:
    const crm::BlobStore& blobs_;
    std::vector<manifest::Manifest> manifests_;
    std::mutex mutex_;
    std::set<std::pair<std::string, std::string>> disabled_;  // tenant, plugin
    std::map<std::pair<std::string, std::string>, Json> settings_;
};

class MemorySync final : public SyncEngine {
public:
    void connected(const CallContext& context, const ConnectionId& connection, const PluginId& plugin) override;
    void disconnected(const CallContext& context, const ConnectionId& connection) override;
    void pluginErased(const CallContext& context, const PluginId& plugin) override;
    sync::Leaving leave(const CallContext& context, sync::Leaving leaving) override;
    void leaveNow(const CallContext& context, const std::string& id) override;
    std::vector<sync::Leaving> leavings(const CallContext& context) override;
    void dropLeaving(const CallContext& context, const std::string& id) override;
    std::vector<sync::StreamStatus> status(const CallContext& context) override;
    void runNow(const CallContext& context, const std::string& plugin, const std::string& connection,
                const std::string& stream) override;
    std::vector<sync::Conflict> conflicts(const CallContext& context, int limit) override;
    void pluginDisabling(const CallContext& context, const PluginId& plugin) override;
    void pluginEnabled(const CallContext& context, const PluginId& plugin) override;
    void sharingChanged(const CallContext& context, const PluginId& plugin) override;
    bool notified(std::string_view secret, const Json& head, std::string_view body) override;

    std::vector<std::string> calls;
    std::map<TenantId, std::vector<sync::StreamStatus>> streams;
    std::vector<sync::Conflict> in_conflict;
    std::vector<sync::Leaving> under_way;
    std::string hook = "known";              // the one address that there is
    std::vector<std::string> notifications;  // head and body
};

}  // namespace portico::api::test
