// SPDX-License-Identifier: Apache-2.0
#include "host/sync/plugin_watcher.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico::sync {
namespace {

constexpr Millis kWatchBudget = std::chrono::minutes(1), kReceiveBudget = std::chrono::seconds(10);

plugin::CallScope scopeOf(const CallContext& ctx, const StreamState& stream, const ConnectionId& connection,
                          Millis budget) {
    return {ctx.tenant,  Actor{stream.user, "sync"}, connection, Deadline::in(budget).sooner(ctx.deadline), ctx.trace,
            ctx.given_up};
}

}  // namespace

bool PluginWatcher::wants(storage::Tx& tx, const StreamState& stream) {
    try {
        const manifest::Manifest& plugin = plugins_.manifest(PluginId(stream.plugin));
        const bool listed =
            std::any_of(plugin.webhooks.begin(), plugin.webhooks.end(),
                        [&](const manifest::Webhook& hook) { return hook.stream == stream.key.stream; });
        return listed && plugin::enablement(tx, plugin).usable();
    } catch (const Error& error) {
        if (error.code() != Code::NotFound) throw;
        return false;  // not installed any more
    }
}

Json PluginWatcher::watch(const CallContext& ctx, const StreamState& stream, const Json& request) {
    return plugins_.watch(PluginId(stream.plugin), scopeOf(ctx, stream, stream.key.connection, kWatchBudget), request);
}

void PluginWatcher::unwatch(const CallContext& ctx, const StreamState& stream, const Json& watch) {
    plugins_.unwatch(PluginId(stream.plugin), scopeOf(ctx, stream, stream.key.connection, kWatchBudget), watch);
}

std::vector<Json> PluginWatcher::receive(const CallContext& ctx, const StreamState& stream, const Json& watch,
                                         const Notification& notification) {
    return plugins_.receive(PluginId(stream.plugin), scopeOf(ctx, stream, ConnectionId(), kReceiveBudget), watch,
                            notification.head, notification.body);
}

}  // namespace portico::sync
