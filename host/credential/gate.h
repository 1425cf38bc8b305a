// SPDX-License-Identifier: Apache-2.0
// How many requests may run at once, and how many may start per second, per key (a plugin of a user; a host). Callers
// wait their turn until their deadline. Thread-safe. Waits in real time: these limits protect the provider, not data.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_map>

#include "host/base/call_context.h"

namespace portico::credential {

class Gate {
public:
    // per_second 0: no limit on the rate.
    Gate(int at_once, double per_second) : at_once_(at_once), per_second_(per_second) {}

    // Lets go at the end of the scope.
    class Pass {
    public:
        Pass(Gate& gate, std::string key) : gate_(gate), key_(std::move(key)) {}
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        ~Pass() { gate_.leave(key_); }

    private:
        Gate& gate_;
        const std::string key_;
    };
    // Throws Limit "too_many_requests" when the turn does not come before the deadline, Cancelled when the caller left.
    Pass enter(const std::string& key, Deadline deadline, const GivenUp& given_up = {});

private:
    struct Lane {
        int running = 0, waiting = 0;
        std::int64_t next_ns = 0;  // monotonic time at which the next may start
    };
    void leave(const std::string& key);
    void dropIdle(const std::string& key, std::int64_t now);

    const int at_once_;
    const double per_second_;
    std::mutex mutex_;  // guards lanes_
    std::condition_variable left_;
    std::unordered_map<std::string, Lane> lanes_;
};

}  // namespace portico::credential
