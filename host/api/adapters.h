// SPDX-License-Identifier: Apache-2.0
// The product's plugins and sync engine behind the API's ports. Both only borrow what they are made of. Thread-safe.
#pragma once

#include "host/api/plugin_turns.h"
#include "host/api/ports.h"
#include "host/jobs/event_delivery.h"
#include "host/plugin/plugins.h"
#include "host/storage/database.h"

namespace portico::api {

class PluginAdapter final : public PluginHost {
public:
    PluginAdapter(plugin::Plugins& plugins, storage::Database& database, jobs::EventDelivery& delivery,
                  const Clock& clock)
        : plugins_(plugins), database_(database), delivery_(delivery), clock_(clock) {}

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

private:
    void liftQuarantine(const PluginId& plugin);

    plugin::Plugins& plugins_;
    PluginTurns turns_;
    storage::Database& database_;
    jobs::EventDelivery& delivery_;
    const Clock& clock_;
};

class SyncAdapter final : public SyncEngine {
public:
    explicit SyncAdapter(sync::Service& service) : service_(service) {}

    void connected(const CallContext& context, const ConnectionId& connection, const PluginId& plugin) override;
    void disconnected(const CallContext& context, const ConnectionId& connection) override;
    void pluginDisabling(const CallContext& context, const PluginId& plugin) override;
    void pluginEnabled(const CallContext& context, const PluginId& plugin) override;
    void pluginErased(const CallContext& context, const PluginId& plugin) override;
    sync::Leaving leave(const CallContext& context, sync::Leaving leaving) override;
    void leaveNow(const CallContext& context, const std::string& id) override;
    std::vector<sync::Leaving> leavings(const CallContext& context) override;
    void dropLeaving(const CallContext& context, const std::string& id) override;
    void sharingChanged(const CallContext& context, const PluginId& plugin) override;
    std::vector<sync::StreamStatus> status(const CallContext& context) override;
    void runNow(const CallContext& context, const std::string& plugin, const std::string& connection,
                const std::string& stream) override;
    std::vector<sync::Conflict> conflicts(const CallContext& context, int limit) override;
    bool notified(std::string_view secret, const Json& head, std::string_view body) override;

private:
    sync::Service& service_;
};

}  // namespace portico::api
