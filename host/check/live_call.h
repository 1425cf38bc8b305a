// SPDX-License-Identifier: Apache-2.0
// A call that is being served right now, and the register of all such calls. The host's functions look every
// portico_call up by its address before they believe it: one that is not in the register is a plugin that kept it.
// Thread-safe.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "host/wire/core/abi_call.h"

namespace portico::check {

class StrictHost;

struct LiveCall {
    LiveCall(StrictHost& on, wire::AbiCall::Context context, wire::Lane* lane, std::string words)
        : abi(std::move(context), lane, &cancelled_id), host(on), what(std::move(words)) {}

    wire::AbiCall abi;
    StrictHost& host;
    const std::string what;       // "action list"
    std::string connection_name;  // the manifest's name of the connection that the call belongs to
    std::thread::id thread = std::this_thread::get_id();
    bool local = false;  // the plugin runs in this process, on this thread
    std::atomic<std::uint64_t> cancelled_id{0};
    int failures = 0;  // how often call->fail was used

    void cancel() { cancelled_id = abi.context().id; }
};

// While it lives, `address` is a valid portico_call of that call.
class Registered {
public:
    Registered(const portico_call* address, LiveCall& call);
    ~Registered();
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

private:
    const portico_call* address_;
};

// nullptr when no call has this address now.
LiveCall* liveCall(const portico_call* address);

}  // namespace portico::check
