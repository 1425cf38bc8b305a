// SPDX-License-Identifier: Apache-2.0
// What the API needs of plugins and of the sync engine, and no more: the product puts the real ones behind
// (adapters.h), unit tests put small ones in memory there. Implementations are Thread-safe; calls may wait for a
// plugin, never longer than the context's deadline, so none is made inside a transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/crm/blobs.h"
#include "host/manifest/manifest.h"
#include "host/plugin/enablement.h"
#include "host/plugin/health.h"
#include "host/storage/outbox.h"
#include "host/sync/service.h"

namespace portico::api {

// One installed plugin as one tenant sees it.
struct PluginView {
    const manifest::Manifest* manifest = nullptr;  // lives as long as the host
    bool enabled = false;
    std::string state;                 // running, starting, stopped, quarantined, refused
    std::string problem;               // plain words; empty when all is well
    Json settings = Json::object();    // the tenant's values
    std::optional<int> sandbox_level;  // nothing while it does not run
    int sandbox_minimum = 3;
    std::vector<std::string> sandbox_missing;
    manifest::Changes unconsented;  // what an update asks for that nobody here agreed to
    plugin::Health health;
};

class PluginHost {
public:
    virtual ~PluginHost() = default;
    virtual std::vector<PluginView> list(const TenantId& tenant) = 0;
    // Those that may run here, whoever has enabled them. They live as long as the host.
    virtual std::vector<const manifest::Manifest*> installed() = 0;
    // Enabling consents to what the manifest asks for now. Each change is durable and writes its event.
    virtual void setEnabled(const CallContext& context, const PluginId& plugin, bool enabled) = 0;
    // What this tenant's database holds for it; disable it first.
    virtual plugin::Erased eraseData(const CallContext& context, const PluginId& plugin) = 0;
    virtual void putSettings(const CallContext& context, const PluginId& plugin, const Json& values) = 0;
    // `connection` is empty for actions without one.
    virtual Json invoke(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                        const std::string& action, const Json& args) = 0;
    // What a stream of that connection offers; the first request that a new connection is tried with.
    virtual std::vector<Json> collections(const CallContext& context, const PluginId& plugin,
                                          const ConnectionId& connection, const std::string& stream) = 0;
    // An action that writes file bytes: the args get a member "blob" that names where to. Returns what was written.
    virtual crm::StoredBlob download(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                                     const std::string& action, const Json& args) = 0;
    // Lines of portico.availability/1.
    virtual std::vector<Json> busy(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                                   const std::string& collection, Instant from, Instant until) = 0;
};

class SyncEngine {
public:
    virtual ~SyncEngine() = default;
    virtual void connected(const CallContext& context, const ConnectionId& connection, const PluginId& plugin) = 0;
    virtual void disconnected(const CallContext& context, const ConnectionId& connection) = 0;
    // Before it is disabled, while it can still tell its services that nothing more is wanted; and after it was
    // enabled.
    virtual void pluginDisabling(const CallContext& context, const PluginId& plugin) = 0;
    virtual void pluginEnabled(const CallContext& context, const PluginId& plugin) = 0;
    // Whatever streams of the plugin linked or copied is gone when this returns.
    virtual void pluginErased(const CallContext& context, const PluginId& plugin) = 0;
    // For who leaves and wants something removed first; each as in sync/departures.h.
    virtual sync::Leaving leave(const CallContext& context, sync::Leaving leaving) = 0;
    virtual void leaveNow(const CallContext& context, const std::string& id) = 0;
    virtual std::vector<sync::Leaving> leavings(const CallContext& context) = 0;
    virtual void dropLeaving(const CallContext& context, const std::string& id) = 0;
    // Somebody allowed the plugin to be given what came from their account: its streams push again.
    virtual void sharingChanged(const CallContext& context, const PluginId& plugin) = 0;
    virtual std::vector<sync::StreamStatus> status(const CallContext& context) = 0;
    // Empty texts mean all.
    virtual void runNow(const CallContext& context, const std::string& plugin, const std::string& connection,
                        const std::string& stream) = 0;
    virtual std::vector<sync::Conflict> conflicts(const CallContext& context, int limit) = 0;
    // A service posted to /hooks/<secret>; false when there is no such address. Nothing is believed or done at once.
    virtual bool notified(std::string_view secret, const Json& head, std::string_view body) = 0;
};

}  // namespace portico::api
