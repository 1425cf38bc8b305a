// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/call_gate.h"

#include <algorithm>
#include <cmath>

#include "host/base/error.h"

namespace portico::plugin {
namespace {

constexpr std::size_t kManyTenants = 1024;  // known at once before the idle ones are forgotten
constexpr std::int64_t kBusyRetryMs = 1000;
constexpr double kAllPerSecond = 500;

}  // namespace

CallGate::Limits CallGate::Limits::of(const manifest::Limits& declared) {
    const double minute = declared.calls_per_minute, second = minute / 60;
    return {.tenant_per_second = second,
            .tenant_burst = minute,
            .per_second = std::max(kAllPerSecond, second),
            .burst = std::max(10 * kAllPerSecond, minute),
            .processors = declared.cpu_percent / 100.0};
}

void CallGate::computed(std::int64_t ns, Instant now) {
    const std::lock_guard lock(mutex_);
    processor_.spend(static_cast<double>(ns), now);
}

Millis CallGate::overdrawn(Instant now) {
    const std::lock_guard lock(mutex_);
    return processor_.inDebt(now);
}

CallGate::Pass CallGate::enter(const TenantId& tenant, Instant now) {
    const std::lock_guard lock(mutex_);
    if (tenants_.size() > kManyTenants)
        std::erase_if(tenants_, [&](auto& each) { return each.second.inside == 0 && each.second.rate.full(now); });
    const auto at =
        tenants_.try_emplace(tenant.str(), Tenant{TokenBucket(limits_.tenant_per_second, limits_.tenant_burst)}).first;
    if (at->second.inside >= callers_ || inside_ >= 2 * callers_)
        throw Error(Code::Limit, "plugin_busy", "too many calls wait for this plugin already; try again in a moment",
                    kBusyRetryMs);
    if (const Millis debt = processor_.inDebt(now); debt > Millis(0))
        throw Error(Code::Limit, "plugin_processor",
                    "this plugin computed more than its share of the last minute; try again later", debt.count());
    Millis wait = at->second.rate.take(now);
    if (wait == Millis(0)) wait = all_.take(now);
    if (wait > Millis(0))
        throw Error(Code::Limit, "plugin_rate", "this plugin is called too often; try again in a moment", wait.count());
    ++at->second.inside;
    ++inside_;
    return Pass(*this, tenant.str());
}

void CallGate::leave(const std::string& tenant) {
    const std::lock_guard lock(mutex_);
    --inside_;
    --tenants_.at(tenant).inside;
}

}  // namespace portico::plugin
