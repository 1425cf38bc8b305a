// SPDX-License-Identifier: Apache-2.0
// Serves a plugin's host calls no faster than a plugin may make them: a loop over a host function would otherwise keep
// the database busy for everyone. Who is too fast waits, which costs the host nothing and the plugin its own time; the
// call's deadline still ends it. Shared by all calls of one plugin; thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>

#include "host/plugin/call_gate.h"
#include "host/wire/core/lane.h"

namespace portico::plugin {

class Pace {
public:
    static constexpr double kPerSecond = 5000, kBurst = 10'000;
    static constexpr double kWritesPerSecond = 200, kWriteBurst = 1000;  // durable ones: store and records

    // Blocks until the host function may run, at most until the deadline; close() wakes it.
    void await(std::uint16_t method, std::int64_t deadline_ns);
    void close();

private:
    std::mutex mutex_;
    std::condition_variable closing_;
    bool closed_ = false;
    TokenBucket all_{kPerSecond, kBurst}, writes_{kWritesPerSecond, kWriteBurst};
};

// Puts the pace before another handler.
class PacedHandler final : public wire::Handler {
public:
    PacedHandler(Pace& pace, wire::Handler& inner) : pace_(pace), inner_(inner) {}
    std::int32_t handle(const wire::Request& request, wire::Responder& responder) override {
        pace_.await(request.method, request.deadline_ns);
        return inner_.handle(request, responder);
    }

private:
    Pace& pace_;
    wire::Handler& inner_;
};

}  // namespace portico::plugin
