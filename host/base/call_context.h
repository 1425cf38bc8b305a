// SPDX-License-Identifier: Apache-2.0
// Who does something, for which tenant, until when: the first parameter of every operation. Immutable once made;
// copied freely. A nested step never gets more time than its caller has left (Deadline::sooner).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/base/ids.h"

namespace portico {

class Deadline {
public:
    static Deadline never() { return Deadline(std::numeric_limits<std::int64_t>::max()); }
    static Deadline in(Millis budget) { return Deadline(monotonicNs() + budget.count() * 1'000'000); }
    static Deadline atNs(std::int64_t monotonic_ns) { return Deadline(monotonic_ns); }

    std::int64_t ns() const noexcept { return at_ns_; }
    bool isNever() const noexcept { return at_ns_ == std::numeric_limits<std::int64_t>::max(); }
    bool passed() const { return monotonicNs() >= at_ns_; }
    // What is left, never negative; a day when there is no deadline.
    Millis left() const {
        if (isNever()) return std::chrono::hours(24);
        const std::int64_t ns = at_ns_ - monotonicNs();
        return Millis(ns > 0 ? (ns + 999'999) / 1'000'000 : 0);
    }
    Deadline sooner(Deadline other) const { return at_ns_ < other.at_ns_ ? *this : other; }
    void check(const char* attempted) const {
        if (passed()) throw Error(Code::Deadline, "deadline", std::string(attempted) + ": ran out of time");
    }

private:
    explicit Deadline(std::int64_t at_ns) : at_ns_(at_ns) {}
    std::int64_t at_ns_;
};

// Whether whoever asked for something no longer waits for it: a closed browser, a job that is to stop. Empty: nobody
// gives up. Asked now and then on the thread that does the work.
using GivenUp = std::function<bool()>;

// A person, or the system acting on a schedule.
struct Actor {
    UserId user;      // empty for the system
    std::string via;  // "web", "cli", "job", "sync", "import": how it came in; kept in events
    bool isSystem() const { return user.empty(); }
    std::string str() const { return isSystem() ? "system" : user.str(); }
};

struct CallContext {
    TenantId tenant;
    Actor actor;
    Deadline deadline = Deadline::never();
    std::string trace;  // 32 hex digits (W3C trace id); the request id people can quote
    GivenUp given_up = {};

    static CallContext system(TenantId tenant, std::string via) {
        return CallContext{std::move(tenant), Actor{UserId(), std::move(via)}, Deadline::never(), newId(), {}};
    }
};

}  // namespace portico
