// SPDX-License-Identifier: Apache-2.0
// What lets a request of a plugin pass: a handle that the host takes out for one running call into the plugin, bound to
// tenant, user, plugin and connection, and dead when the call is over, at its deadline, or when the access is taken
// away, whichever comes first. Plugins never see it. In memory alone: another vault knows none of them. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "host/credential/types.h"

namespace portico::credential {

struct Lease {
    explicit Lease(LeaseRequest request) : of(std::move(request)) {}
    const LeaseRequest of;
    std::atomic<bool> ended{false};  // a request that is under way looks at it, too

    bool over() const { return ended || of.deadline.passed(); }
    void check() const;  // throws Cancelled "lease_ended"
};
using LeasePtr = std::shared_ptr<const Lease>;

class Leases {
public:
    // A handle of 128 random bits.
    std::string open(LeaseRequest request);
    // Throws Cancelled "lease_ended" for one that is over, or was never made here.
    LeasePtr find(const std::string& handle) const;
    void end(const std::string& handle);
    void endIf(const std::function<bool(const LeaseRequest&)>& concerns);

private:
    mutable std::mutex mutex_;  // guards leases_
    std::unordered_map<std::string, std::shared_ptr<Lease>> leases_;
};

}  // namespace portico::credential
