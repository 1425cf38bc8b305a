// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/calls.h"

#include "host/base/error.h"

namespace portico::plugin {
namespace {

constexpr std::int64_t kLookNs = 50'000'000;  // between two looks at the caller: each may be a system call

}  // namespace

RunningCall::RunningCall(Calls& calls, const PluginId& plugin, const CallScope& scope)
    : calls_(calls), plugin_(plugin), scope_(scope), deadline_(scope.deadline) {
    const std::lock_guard lock(calls_.mutex_);
    for (RunningCall* other : calls_.running_)
        if (other->thread_ == thread_ && other->depth_ >= depth_) {
            around_ = other;
            depth_ = other->depth_ + 1;
        }
    if (depth_ > wire::kMaxDepth)
        throw Error(Code::Limit, "depth", "calls between plugins are nested too deeply (8 is the limit)");
    for (const RunningCall* each = around_; each != nullptr; each = each->around_)
        if (each->plugin_ == plugin)
            throw Error(Code::Conflict, "plugin_reentered",
                        "the plugin " + plugin.str() + " was called from inside a call of its own");
    if (around_ != nullptr) deadline_ = deadline_.sooner(around_->deadline_);
    calls_.running_.insert(this);
}

RunningCall::~RunningCall() {
    const std::lock_guard lock(calls_.mutex_);
    calls_.running_.erase(this);
}

bool RunningCall::callerLeft() noexcept {
    if (caller_left_ || !scope_.given_up) return caller_left_;
    const std::int64_t now = monotonicNs();
    if (now < next_look_ns_) return false;
    next_look_ns_ = now + kLookNs;
    try {
        caller_left_ = scope_.given_up();
    } catch (const std::exception&) {
        // Whoever cannot be asked is taken to wait.
    }
    return caller_left_;
}

// A caller that merely left must not cost other tenants the calls that a kill would take along: the plugin is told at
// once, but has until its deadline. Who may no longer work is ended.
wire::Wish RunningCall::wish() noexcept {
    if (ended_by_ != EndedBy::Nobody) return wire::Wish::ToEnd;
    if (around_ != nullptr && around_->wish() == wire::Wish::ToEnd) return wire::Wish::ToEnd;
    const bool left = callerLeft() || (around_ != nullptr && around_->callerLeft());
    return left ? wire::Wish::ToStop : wire::Wish::GoOn;
}

std::optional<Error> RunningCall::reason() {
    switch (ended_by_) {
        case EndedBy::Disabled:
            return Error(Code::Cancelled, "plugin_disabled",
                         "the plugin " + plugin_.str() + " was disabled for this business while it was working");
        case EndedBy::Disconnected:
            return Error(Code::Cancelled, "disconnected",
                         "the account was disconnected while the plugin " + plugin_.str() + " was working");
        case EndedBy::Operator:
            return Error(Code::Cancelled, "plugin_stopped",
                         "the plugin " + plugin_.str() + " was stopped or removed while it was working");
        case EndedBy::Nobody: break;
    }
    if (around_ != nullptr)
        if (auto outer = around_->reason()) return outer;
    if (caller_left_) return Error(Code::Cancelled, "given_up", "whoever asked for this did not wait for it");
    return std::nullopt;
}

void Calls::end(EndedBy by, const std::function<bool(const PluginId&, const CallScope&)>& concerns) {
    const std::lock_guard lock(mutex_);
    for (RunningCall* call : running_)
        if (concerns(call->plugin_, call->scope_)) call->ended_by_ = by;
}

}  // namespace portico::plugin
