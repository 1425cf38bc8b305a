// SPDX-License-Identifier: Apache-2.0
// The calls into plugins that run at this moment, so that whoever takes access away ends them too: an admin who
// disables a plugin, a user who disconnects an account, an operator who removes it. It also sees nesting: a call made
// on the thread of another is part of it, so it never has more time, ends with it, and never enters the same plugin
// twice (that would wait for itself once every lane is taken). Thread-safe; a RunningCall is its thread's, ended by
// any.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "host/base/call_context.h"
#include "host/base/ids.h"
#include "host/wire/core/lane.h"

namespace portico::plugin {

// Whose call it is, and whether the caller still waits. connection: empty when the call needs none.
struct CallScope {
    TenantId tenant;
    Actor actor;
    ConnectionId connection;
    Deadline deadline = Deadline::never();
    std::string trace;  // 32 hex digits
    GivenUp given_up = {};
};

enum class EndedBy : std::uint8_t { Nobody, Disabled, Disconnected, Operator };

class Calls;

class RunningCall {
public:
    // Throws Conflict "plugin_reentered" and Limit "depth".
    RunningCall(Calls& calls, const PluginId& plugin, const CallScope& scope);
    ~RunningCall();
    RunningCall(const RunningCall&) = delete;
    RunningCall& operator=(const RunningCall&) = delete;

    // On the call's thread.
    wire::Wish wish() noexcept;
    Deadline deadline() const { return deadline_; }
    // What to tell the caller of a call that was ended; nothing was, when nobody ended it.
    std::optional<Error> reason();

private:
    friend class Calls;
    bool callerLeft() noexcept;

    Calls& calls_;
    const PluginId plugin_;
    const CallScope& scope_;
    const std::thread::id thread_ = std::this_thread::get_id();
    RunningCall* around_ = nullptr;  // the call that this one was made in
    int depth_ = 1;
    Deadline deadline_ = Deadline::never();
    std::atomic<EndedBy> ended_by_{EndedBy::Nobody};
    bool caller_left_ = false;
    std::int64_t next_look_ns_ = 0;
};

class Calls {
public:
    // Ends the calls that `concerns` says; their plugins are told, and killed when they go on.
    void end(EndedBy by, const std::function<bool(const PluginId&, const CallScope&)>& concerns);

private:
    friend class RunningCall;
    std::mutex mutex_;  // guards running_
    std::set<RunningCall*> running_;
};

}  // namespace portico::plugin
