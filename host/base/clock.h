// SPDX-License-Identifier: Apache-2.0
// Time as an interface, so that jobs, sessions, sync and the vault run under a virtual clock in tests.
// SystemClock is thread-safe; ManualClock is thread-safe and moves only when told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace portico {

using Millis = std::chrono::milliseconds;
// UTC, milliseconds since 1970-01-01: the only kind of instant that is stored.
using Instant = std::chrono::sys_time<Millis>;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
};

class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) : now_ms_(start.time_since_epoch().count()) {}
    Instant now() const override { return Instant(Millis(now_ms_.load())); }
    void advance(Millis by) { now_ms_ += by.count(); }

private:
    std::atomic<std::int64_t> now_ms_;
};

inline std::int64_t toMillis(Instant at) { return at.time_since_epoch().count(); }
inline Instant fromMillis(std::int64_t ms) { return Instant(Millis(ms)); }

// RFC 3339 in UTC with milliseconds: "2026-11-21T09:30:00.000Z".
std::string formatInstant(Instant at);
// RFC 3339 with "Z" or a numeric offset; anything else, trailing text included, throws Invalid.
Instant parseInstant(std::string_view text);

// CLOCK_MONOTONIC in nanoseconds: what deadlines are counted in.
std::int64_t monotonicNs();

}  // namespace portico
