// SPDX-License-Identifier: Apache-2.0
// Notifications of services (portico.webhook/1): which streams are watched, until when, and what a notification leads
// to. A watch is made when its connection is there, renewed at three quarters of its life (the new one first, then the
// old one ends), and ended with its connection, its plugin or the switch. Polling never depends on any of this: what
// goes wrong here is logged, tried again and shown. Thread-safe; the work is done by jobs.
// A notification is not believed: it is kept (take), read by the plugin in a job, and all it can cause is a pull of a
// stream of its own connection; a burst causes one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/jobs/workers.h"
#include "host/storage/database.h"
#include "host/sync/hooks.h"

namespace portico::sync {

// The plugin's side of it. Thread-safe; calls may wait for the plugin.
class Watcher {
public:
    virtual ~Watcher() = default;
    // Its plugin is installed, asks for notifications of this stream, and is in use by the tenant.
    virtual bool wants(storage::Tx& tx, const StreamState& stream) = 0;
    virtual Json watch(const CallContext& ctx, const StreamState& stream, const Json& request) = 0;
    virtual void unwatch(const CallContext& ctx, const StreamState& stream, const Json& watch) = 0;
    virtual std::vector<Json> receive(const CallContext& ctx, const StreamState& stream, const Json& watch,
                                      const Notification& notification) = 0;
};

struct WatchStatus {
    std::string state = "off";  // off, starting, on, failing
    std::string problem;        // of "failing"
};

class Watches {
public:
    // Queues a pull of a stream that is there, some time after now.
    using PullSoon = std::function<void(storage::Tx&, const StreamState&, Instant at)>;

    // `base`: what addresses start with, "https://crm.example.org/hooks/"; empty when services are not asked to call.
    // Sets handlers on `workers`, so make it before they start.
    Watches(storage::Database& database, jobs::Workers& workers, Watcher& watcher, const Clock& clock, std::string base,
            PullSoon pull_soon);

    // Looks after the watch of a stream now: makes, renews or ends it.
    void tend(storage::Tx& tx, const StreamState& stream);
    // The same for all streams of all tenants: at each start, and now and then.
    void tendAll();
    // Ends the watches of the streams that `concerned` names. Their addresses are unknown when this returns; the
    // service is told as well as that goes within three seconds.
    void end(const CallContext& ctx, const std::function<bool(const StreamState&)>& concerned);

    // Keeps what was posted to the address with this secret until the plugin reads it. False: there is no such address.
    // Throws Unavailable when too much waits there.
    bool take(std::string_view secret, const Json& head, std::string_view body);

    WatchStatus status(storage::Tx& tx, const StreamState& stream);

private:
    bool wanted(storage::Tx& tx, const StreamState& stream) { return !base_.empty() && watcher_.wants(tx, stream); }
    void enqueueTend(storage::Tx& tx, const StreamState& stream, Instant at);
    void keep(const jobs::Run& run);
    void renew(const CallContext& ctx, const StreamState& stream, const std::vector<Hook>& old);
    void unwatch(const CallContext& ctx, const StreamState& stream, const Hook& hook);
    void endHooks(const CallContext& ctx, const StreamState& stream, const std::vector<Hook>& hooks);
    void receive(const jobs::Run& run);

    storage::Database& database_;
    jobs::Workers& workers_;
    Watcher& watcher_;
    const Clock& clock_;
    const std::string base_;
    const PullSoon pull_soon_;
};

}  // namespace portico::sync
