// SPDX-License-Identifier: Apache-2.0
// How often and how much at once one plugin may be called: a rate for each tenant and for all together, and a number of
// callers at a time, so that neither a busy tenant nor a slow plugin takes the threads of the server. Who comes too
// often is told when to come back. Lanes bound what runs; this bounds what waits for them. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "host/base/clock.h"
#include "host/base/ids.h"

namespace portico::plugin {

// Tokens that grow with time up to a burst. One thread at a time. A clock that goes back gives nothing.
class TokenBucket {
public:
    TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
    // Zero: one was taken. Else how long until there is one.
    Millis take(Instant now);
    bool full(Instant now) const;

private:
    double grown(Instant now) const;
    double per_second_, burst_, tokens_;
    Instant at_{};
};

class CallGate {
public:
    struct Limits {
        double tenant_per_second = 100, tenant_burst = 1000;
        double per_second = 500, burst = 5000;
        int callers_per_lane = 4;  // of one tenant, at a time; twice as many in all
    };
    explicit CallGate(int lanes) : CallGate(lanes, Limits()) {}
    CallGate(int lanes, Limits limits)
        : limits_(limits), callers_(lanes * limits.callers_per_lane), all_(limits.per_second, limits.burst) {}

    // A call in progress; over at the end of the scope.
    class Pass {
    public:
        Pass(CallGate& gate, std::string tenant) : gate_(gate), tenant_(std::move(tenant)) {}
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        ~Pass() { gate_.leave(tenant_); }

    private:
        CallGate& gate_;
        const std::string tenant_;
    };
    // Throws Limit "plugin_rate" or "plugin_busy" with the time after which to try again.
    [[nodiscard]] Pass enter(const TenantId& tenant, Instant now);

private:
    struct Tenant {
        TokenBucket rate;
        int inside = 0;
    };
    void leave(const std::string& tenant);

    const Limits limits_;
    const int callers_;
    std::mutex mutex_;
    TokenBucket all_;
    int inside_ = 0;
    std::map<std::string, Tenant> tenants_;
};

}  // namespace portico::plugin
