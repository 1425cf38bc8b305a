// SPDX-License-Identifier: Apache-2.0
// How many of the web's threads may be inside plugins: half of them, and half of those inside the same one. A page
// about something else then always finds a thread, however slow plugins are. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "host/base/error.h"
#include "host/base/ids.h"

namespace portico::api {

constexpr int kWebThreads = 16;

class PluginTurns {
public:
    // A call in progress; over at the end of the scope.
    class Turn {
    public:
        Turn(PluginTurns& turns, std::string plugin) : turns_(turns), plugin_(std::move(plugin)) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            const std::lock_guard lock(turns_.mutex_);
            --turns_.all_;
            if (--turns_.inside_[plugin_] == 0) turns_.inside_.erase(plugin_);
        }

    private:
        PluginTurns& turns_;
        const std::string plugin_;
    };
    // Throws Limit "plugin_busy" when none is left.
    [[nodiscard]] Turn take(const PluginId& plugin) {
        constexpr int kAll = kWebThreads / 2, kOne = kAll / 2;
        const std::lock_guard lock(mutex_);
        const auto at = inside_.find(plugin.str());
        if (all_ >= kAll || (at != inside_.end() && at->second >= kOne))
            throw Error(Code::Limit, "plugin_busy", "this plugin is busy with other requests; try again in a moment",
                        1000);
        ++all_;
        ++inside_[plugin.str()];
        return Turn(*this, plugin.str());
    }

private:
    std::mutex mutex_;
    std::map<std::string, int> inside_;
    int all_ = 0;
};

}  // namespace portico::api
