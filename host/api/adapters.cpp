// SPDX-License-Identifier: Apache-2.0
#include "host/api/adapters.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/log.h"

#include "host/plugin/enablement.h"
#include "host/sync/service.h"

namespace portico::api {
namespace {

plugin::CallScope scopeOf(const CallContext& context, const ConnectionId& connection) {
    return {context.tenant, context.actor, connection, context.deadline, context.trace, context.given_up};
}

PluginView viewOf(storage::Tx& tx, const plugin::PluginState& state) {
    PluginView view;
    view.manifest = state.manifest;
    view.state = state.state;
    view.problem = state.problem;
    view.sandbox_minimum = state.sandbox.min_level;
    if (state.sandbox.level > 0) view.sandbox_level = state.sandbox.level;
    if (!state.sandbox.missing.empty()) view.sandbox_missing.push_back(state.sandbox.missing);
    view.health = state.health;
    plugin::Enablement enablement = plugin::enablement(tx, *state.manifest);
    view.enabled = enablement.usable();
    if (enablement.enabled && !enablement.usable() && view.problem.empty())
        view.problem = "an update asks for more than was agreed to; it rests until an administrator enables it again";
    view.unconsented = std::move(enablement.unconsented);
    if (state.manifest->settings.isObject()) view.settings = plugin::settings(tx, *state.manifest).value;
    return view;
}

// "its events wait" is the tenant's own trouble with a plugin that may serve others well.
std::string eventProblem(const std::vector<jobs::ConsumerStatus>& consumers, const PluginId& plugin) {
    for (const jobs::ConsumerStatus& each : consumers)
        if (each.consumer == plugin::eventConsumer(plugin) && each.failures > 0)
            return std::to_string(each.newest - each.acked) + " events wait for it: " + each.problem;
    return "";
}

}  // namespace

std::vector<PluginView> PluginAdapter::list(const TenantId& tenant) {
    const auto states = plugins_.list();
    const auto consumers = delivery_.status(tenant);
    return database_.read(tenant, [&](storage::Tx& tx) {
        std::vector<PluginView> views;
        for (const plugin::PluginState& state : states) {
            views.push_back(viewOf(tx, state));
            if (views.back().problem.empty()) views.back().problem = eventProblem(consumers, state.manifest->id);
        }
        return views;
    });
}

std::vector<const manifest::Manifest*> PluginAdapter::installed() {
    std::vector<const manifest::Manifest*> all;
    for (const plugin::PluginState& state : plugins_.list())
        if (state.manifest->trust.may_run) all.push_back(state.manifest);
    return all;
}

void PluginAdapter::setEnabled(const CallContext& context, const PluginId& plugin, bool enabled) {
    const manifest::Manifest& manifest = plugins_.manifest(plugin);
    database_.write(context.tenant,
                    [&](storage::Tx& tx) { plugin::setEnabled(tx, context, manifest, enabled, clock_.now()); });
    if (!enabled) plugins_.disabled(context.tenant, plugin);
    if (enabled) liftQuarantine(plugin);
}

// Enabling it (again) is how an admin says: try once more. Where that leads, its state says.
void PluginAdapter::liftQuarantine(const PluginId& plugin) {
    const auto states = plugins_.list();
    const bool quarantined = std::any_of(states.begin(), states.end(), [&](const plugin::PluginState& each) {
        return each.manifest->id == plugin && each.state == "quarantined";
    });
    try {
        if (quarantined) plugins_.start(plugin);
    } catch (const Error& error) {
        log::warning("plugin.still_failing", {{"plugin", plugin.str()}, {"reason", error.forLog()}});
    }
}

plugin::Erased PluginAdapter::eraseData(const CallContext& context, const PluginId& plugin) {
    return database_.write(context.tenant,
                           [&](storage::Tx& tx) { return plugin::eraseData(tx, context, plugin, clock_.now()); });
}

void PluginAdapter::putSettings(const CallContext& context, const PluginId& plugin, const Json& values) {
    const manifest::Manifest& manifest = plugins_.manifest(plugin);
    database_.write(context.tenant,
                    [&](storage::Tx& tx) { plugin::setSettings(tx, context, manifest, values, clock_.now()); });
}

Json PluginAdapter::invoke(const CallContext& context, const PluginId& plugin, const ConnectionId& connection,
                           const std::string& action, const Json& args) {
    const auto turn = turns_.take(plugin);
    return plugins_.invoke(plugin, scopeOf(context, connection), action, args);
}

std::vector<Json> PluginAdapter::collections(const CallContext& context, const PluginId& plugin,
                                             const ConnectionId& connection, const std::string& stream) {
    return plugins_.collections(plugin, scopeOf(context, connection), stream);
}

crm::StoredBlob PluginAdapter::download(const CallContext& context, const PluginId& plugin,
                                        const ConnectionId& connection, const std::string& action, const Json& args) {
    const std::string id = plugins_.blobs().create(context.tenant);
    try {
        Json with_blob = args;
        const Json told = invoke(context, plugin, connection, action, with_blob.set("blob", id));
        crm::StoredBlob stored = plugins_.blobs().finish(context.tenant, id);
        // The bytes never passed through the plugin, so what it says of them is what the service says.
        const std::string expected = told.getStr("sha256");
        if (!expected.empty() && expected != stored.sha256)
            throw Error(Code::Unavailable, "download_mismatch",
                        "what arrived is not what the service holds; please try again");
        return stored;
    } catch (...) {
        plugins_.blobs().drop(context.tenant, id);
        throw;
    }
}

std::vector<Json> PluginAdapter::busy(const CallContext& context, const PluginId& plugin,
                                      const ConnectionId& connection, const std::string& collection, Instant from,
                                      Instant until) {
    const auto turn = turns_.take(plugin);
    return plugins_.busy(plugin, scopeOf(context, connection), Json::array({Json(collection)}), formatInstant(from),
                         formatInstant(until));
}

void SyncAdapter::connected(const CallContext& context, const ConnectionId& connection, const PluginId& plugin) {
    service_.connected(context, connection, plugin);
}

void SyncAdapter::disconnected(const CallContext& context, const ConnectionId& connection) {
    service_.disconnected(context, connection);
}

void SyncAdapter::pluginDisabling(const CallContext& context, const PluginId& plugin) {
    service_.pluginDisabling(context, plugin);
}

void SyncAdapter::pluginEnabled(const CallContext& context, const PluginId& plugin) {
    service_.pluginEnabled(context, plugin);
}

void SyncAdapter::pluginErased(const CallContext& context, const PluginId& plugin) {
    service_.pluginErased(context, plugin);
}

sync::Leaving SyncAdapter::leave(const CallContext& context, sync::Leaving leaving) {
    return service_.departures().begin(context, std::move(leaving));
}

void SyncAdapter::leaveNow(const CallContext& context, const std::string& id) {
    service_.departures().endNow(context, id);
}

std::vector<sync::Leaving> SyncAdapter::leavings(const CallContext& context) {
    return service_.departures().list(context);
}

void SyncAdapter::dropLeaving(const CallContext& context, const std::string& id) {
    service_.departures().drop(context, id);
}

void SyncAdapter::sharingChanged(const CallContext& context, const PluginId& plugin) {
    service_.sharingChanged(context, plugin);
}

std::vector<sync::StreamStatus> SyncAdapter::status(const CallContext& context) { return service_.status(context); }

void SyncAdapter::runNow(const CallContext& context, const std::string& plugin, const std::string& connection,
                         const std::string& stream) {
    service_.runNow(context, plugin, connection, stream);
}

std::vector<sync::Conflict> SyncAdapter::conflicts(const CallContext& context, int limit) {
    return service_.conflictList(context, limit);
}

bool SyncAdapter::notified(std::string_view secret, const Json& head, std::string_view body) {
    return service_.notified(secret, head, body);
}

}  // namespace portico::api
