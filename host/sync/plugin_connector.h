// SPDX-License-Identifier: Apache-2.0
// A connector plugin behind the engine's Connector interface: one stream of one connection. One thread at a time.
#pragma once

#include "host/plugin/plugins.h"
#include "host/sync/ports.h"

namespace portico::sync {

class PluginConnector final : public Connector {
public:
    PluginConnector(plugin::Plugins& plugins, PluginId id, plugin::CallScope scope, std::string stream)
        : plugins_(plugins), id_(std::move(id)), scope_(std::move(scope)), stream_(std::move(stream)) {}

    std::vector<Json> collections() override { return plugins_.collections(id_, scope_, stream_); }
    void pull(const std::string& collection, const std::string& cursor,
              const std::function<void(const Json& line)>& on_line) override {
        plugins_.pull(id_, scope_, stream_, collection, cursor, on_line);
    }
    std::vector<Json> prepare(const std::string& collection, const std::vector<Json>& intents) override {
        return plugins_.prepare(id_, scope_, stream_, collection, intents);
    }
    std::vector<Json> push(const std::string& collection, const std::vector<Json>& changes) override {
        return plugins_.push(id_, scope_, stream_, collection, changes);
    }
    std::vector<Json> read(const std::string& collection, const std::vector<Json>& refs) override {
        return plugins_.read(id_, scope_, stream_, collection, refs);
    }

private:
    plugin::Plugins& plugins_;
    const PluginId id_;
    const plugin::CallScope scope_;
    const std::string stream_;
};

}  // namespace portico::sync
