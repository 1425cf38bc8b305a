// SPDX-License-Identifier: Apache-2.0
#include "host/check/local.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "host/base/error.h"
#include "host/check/child.h"
#include "host/check/sink.h"
#include "host/runner/library.h"
#include "host/wire/spawn.h"

namespace portico::check {
namespace {

// The functions of a portico_call as a plugin in this process sees them.
struct CallFunctions {
    static LiveCall* find(const portico_call* call, const char* function) {
        LiveCall* live = liveCall(call);
        if (live == nullptr)
            StrictHost::faultAnywhere(std::string("the plugin used call->") + function +
                                      " with a portico_call that belongs to no call that is running");
        return live;
    }
    static std::int32_t cancelled(const portico_call* call) {
        LiveCall* live = find(call, "cancelled");
        return live == nullptr || live->abi.cancelled() ? 1 : 0;
    }
    static void fail(const portico_call* call, portico_str code, portico_str message, std::int64_t retry_after_ms) {
        LiveCall* live = find(call, "fail");
        if (live == nullptr) return;
        ++live->failures;
        if (code.size > wire::kMaxReason || message.size > wire::kMaxReason)
            live->host.fault(live->what + " explained a failure with more than 4096 bytes");
        live->abi.failed() = {std::string(wire::view(code).substr(0, wire::kMaxReason)),
                              std::string(wire::view(message).substr(0, wire::kMaxReason)), retry_after_ms};
    }
    static portico_failure why(const portico_call* call) {
        LiveCall* live = find(call, "why");
        if (live == nullptr) return {};
        const wire::Failure& why = live->abi.why();
        return {wire::asStr(why.code), wire::asStr(why.text), why.retry_after_ms};
    }
};

// A portico_call whose every byte is guarded, for as long as this object lives.
class LentCall {
public:
    LentCall(LiveCall& live, bool longer) {
        portico_call raw = *live.abi.abi();
        raw.tenant = lend(wire::view(raw.tenant), "the call's tenant");
        raw.actor = lend(wire::view(raw.actor), "the call's actor");
        raw.connection = lend(wire::view(raw.connection), "the call's connection");
        raw.cancelled = &CallFunctions::cancelled;
        raw.fail = &CallFunctions::fail;
        raw.why = &CallFunctions::why;
        std::string bytes(reinterpret_cast<const char*>(&raw), sizeof raw);
        if (longer) {
            bytes.append(64, '\xA5');
            const auto size = static_cast<std::uint32_t>(bytes.size());
            std::memcpy(bytes.data(), &size, sizeof size);
        }
        call_ = reinterpret_cast<const portico_call*>(lent_.emplace_back(bytes, "its portico_call").data());
    }
    portico_str lend(std::string_view bytes, std::string_view label) {
        const Guarded& lent = lent_.emplace_back(bytes, label);
        return {lent.data(), lent.size()};
    }
    const portico_call* get() const { return call_; }

private:
    std::deque<Guarded> lent_;
    const portico_call* call_ = nullptr;
};

}  // namespace

const portico_entry& loadedEntry(const Subject& subject) {
    static runner::Probe probe = nullptr;
    require(subject.library_problem.empty(), subject.library_problem);
    try {
        if (probe == nullptr) {
            progress("loading the library");
            const Fd sealed = wire::sealedCopy(subject.library, "plugin");
            probe = runner::loadLibrary(sealed.get());
        }
        progress("portico_plugin_entry_1");
        const portico_entry* entry = runner::usable(probe());
        progress("");
        return *entry;
    } catch (const Error& error) {
        throw Fault(error.what());
    }
}

Local::Local(const Subject& subject, StrictHost& host) : subject_(subject), host_(host) {}

Reply Local::withCall(const std::string& what, const std::string& connection, const CallOptions& options,
                      const Function& function) {
    LiveCall live(host_, contextOf(options), nullptr, what);
    live.local = true;
    live.connection_name = connection;
    if (options.cancelled) live.cancel();
    LentCall lent(live, options.longer);
    const Registered registered(lent.get(), live);
    Reply reply;
    progress(what);
    const std::int64_t begin = wire::nowNs();
    try {
        reply.status = function(lent.get(), live, reply);
    } catch (const Fault&) {
        throw;
    } catch (...) {
        throw Fault(what + " let an exception out: nothing but a status may cross the ABI");
    }
    reply.nanoseconds = wire::nowNs() - begin;
    progress("");
    reply.failure = live.abi.failed();
    return reply;
}

Reply Local::create() {
    const portico_entry& entry = loadedEntry(subject_);
    CallOptions options;
    options.tenant = options.actor = options.connection = "";
    Reply reply = withCall("create", "", options, [&](const portico_call* call, LiveCall&, Reply&) {
        return entry.create(host_.abi(), call, &plugin_);
    });
    if (!reply.ok()) {
        plugin_ = nullptr;
        return reply;
    }
    require(plugin_ != nullptr, "create reported success but gave no plugin");
    require(plugin_->struct_size >= sizeof(portico_plugin),
            "the portico_plugin of create has a struct_size of " + std::to_string(plugin_->struct_size) +
                ", smaller than version 1.0's " + std::to_string(sizeof(portico_plugin)));
    std::memcpy(&lifecycle_, plugin_, sizeof lifecycle_);
    require(lifecycle_.start != nullptr && lifecycle_.stop != nullptr && lifecycle_.destroy != nullptr &&
                lifecycle_.extension != nullptr,
            "the portico_plugin of create lacks one of start, stop, destroy and extension");
    tables_.collect([&](std::string_view id) { return extension(id); });
    return reply;
}

Reply Local::start(const std::string& config) {
    CallOptions options;
    options.tenant = options.actor = options.connection = "";
    return withCall("start", "", options, [&](const portico_call* call, LiveCall&, Reply&) {
        Guarded lent(config, "the configuration given to start");
        return lifecycle_.start(plugin_, call, {lent.data(), lent.size()});
    });
}

Reply Local::stop() {
    CallOptions options;
    options.tenant = options.actor = options.connection = "";
    return withCall("stop", "", options,
                    [&](const portico_call* call, LiveCall&, Reply&) { return lifecycle_.stop(plugin_, call); });
}

void Local::destroy() {
    if (plugin_ == nullptr) return;
    progress("destroy");
    try {
        lifecycle_.destroy(plugin_);
    } catch (...) {
        throw Fault("destroy let an exception out: nothing may cross the ABI");
    }
    progress("");
    plugin_ = nullptr;
    tables_ = {};
}

Reply Local::call(const Ask& ask, const CallOptions& options) {
    const std::string what = describe(ask);
    Sink& sink = Sink::make(host_, what, options.takes < 0 ? kMaxOutput : options.takes, options.refusal);
    Reply output;
    Reply reply = withCall(what, ask.connection, options, [&](const portico_call* call, LiveCall&, Reply&) {
        std::deque<Guarded> lent;
        std::vector<portico_str> in;
        for (std::size_t i = 0; i < ask.in.size(); ++i) {
            const Guarded& bytes =
                lent.emplace_back(ask.in[i], std::string(argumentName(ask.function, i)) + " of " + what);
            in.push_back({bytes.data(), bytes.size()});
        }
        const portico_status status = perform(tables_, plugin_, call, ask.function, in, sink.abi());
        sink.close(output);
        return status;
    });
    reply.out = std::move(output.out);
    reply.refused = output.refused;
    reply.after_refusal = output.after_refusal;
    return reply;
}

const void* Local::extension(std::string_view id) {
    const Guarded lent(id, "the id given to extension");
    progress("extension");
    try {
        const void* table = lifecycle_.extension(plugin_, {lent.data(), lent.size()});
        progress("");
        return table;
    } catch (...) {
        throw Fault("extension let an exception out: nothing may cross the ABI");
    }
}

}  // namespace portico::check
