// SPDX-License-Identifier: Apache-2.0
// How often and how much at once one plugin may be called: the manifest's rate for each tenant, one for all together, a
// number of callers at a time, so that neither a busy tenant nor a slow plugin takes the threads of the server, and the
// manifest's share of a processor. Who comes too often is told when to come back. Lanes bound what runs; this bounds
// what waits for them. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "host/base/clock.h"
#include "host/base/ids.h"
#include "host/base/token_bucket.h"
#include "host/manifest/manifest.h"

namespace portico::plugin {

class CallGate {
public:
    struct Limits {
        double tenant_per_second, tenant_burst;
        double per_second, burst;  // of all tenants
        double processors = 1;     // on average over a minute
        int callers_per_lane = 4;  // of one tenant, at a time; twice as many in all
        // What the manifest says, with a minute's worth at once.
        static Limits of(const manifest::Limits& declared);
    };
    CallGate(int lanes, Limits limits)
        : limits_(limits),
          callers_(lanes * limits.callers_per_lane),
          all_(limits.per_second, limits.burst),
          processor_(limits.processors * 1e9, limits.processors * 60e9) {}

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
    // Throws Limit "plugin_rate", "plugin_busy" or "plugin_processor" with the time after which to try again.
    [[nodiscard]] Pass enter(const TenantId& tenant, Instant now);

    // It has used so much more of the processor. A plugin has no threads of its own, so holding back calls holds it.
    void computed(std::int64_t ns, Instant now);
    // How long calls wait because it computed too much; zero when they do not.
    Millis overdrawn(Instant now);

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
    TokenBucket processor_;  // ns
    int inside_ = 0;
    std::map<std::string, Tenant> tenants_;
};

}  // namespace portico::plugin
