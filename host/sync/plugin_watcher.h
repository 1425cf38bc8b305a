// SPDX-License-Identifier: Apache-2.0
// A plugin behind the Watcher interface. Thread-safe.
#pragma once

#include "host/plugin/plugins.h"
#include "host/sync/watches.h"

namespace portico::sync {

class PluginWatcher final : public Watcher {
public:
    explicit PluginWatcher(plugin::Plugins& plugins) : plugins_(plugins) {}

    bool wants(storage::Tx& tx, const StreamState& stream) override;
    Json watch(const CallContext& ctx, const StreamState& stream, const Json& request) override;
    void unwatch(const CallContext& ctx, const StreamState& stream, const Json& watch) override;
    // Without the connection: whoever posted may be anyone, so nothing can be fetched in their wake.
    std::vector<Json> receive(const CallContext& ctx, const StreamState& stream, const Json& watch,
                              const Notification& notification) override;

private:
    plugin::Plugins& plugins_;
};

}  // namespace portico::sync
