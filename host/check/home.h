// SPDX-License-Identifier: Apache-2.0
// Where a plugin runs while it is tested: in this process (Local) or in the sandboxed runner (Sandboxed), under the
// same StrictHost. Life is create, start, calls, stop, destroy, in this order and at most once each, as with the real
// host. Calls may come from several threads; the rest from one.
#pragma once

#include "host/check/judge.h"
#include "host/check/strict_host.h"
#include "host/check/test.h"

namespace portico::check {

struct CallOptions {
    std::string tenant = "tenant-a", actor = "user-1", connection = "connection-1";
    std::int64_t deadline_ms = 20'000;  // from now; negative: it lies in the past
    bool cancelled = false;             // before it begins
    bool longer = false;                // the portico_call of a newer host
    std::int64_t takes = -1;            // bytes that the sink takes before it refuses; -1: all
    portico_status refusal = PORTICO_E_CANCELLED;
    std::uint64_t id = 0;  // 0: the next number
};

class Home {
public:
    virtual ~Home() = default;
    virtual Reply create() = 0;
    virtual Reply start(const std::string& config) = 0;
    virtual Reply stop() = 0;
    virtual void destroy() = 0;
    virtual Reply call(const Ask& ask, const CallOptions& options = {}) = 0;
    virtual const wire::PluginTables& tables() const = 0;

    // The script's questions that this plugin can be asked.
    std::vector<Ask> questions(const manifest::Manifest& manifest) const;
    // create and start, both of which must succeed. Throws Fault.
    void begin();
    // stop and destroy.
    void end();
};

// The context of a call; its id counts up in the process.
wire::AbiCall::Context contextOf(const CallOptions& options);

// Throws Fault with what the host noticed, if anything.
void requireNoFaults(const StrictHost& host);

}  // namespace portico::check
