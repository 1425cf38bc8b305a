// SPDX-License-Identifier: Apache-2.0
// Runs what leaving.h describes: one job per person who leaves removes what we made in the account, step by step, and
// then has the connections ended. Thread-safe; onEnding() before the workers start.
// Invariants: it ends at the time that was said, whatever is left; a step is at most one call of 25 records; what a
// crash interrupts goes on afterwards.
#pragma once

#include <functional>
#include <memory>

#include "host/jobs/workers.h"
#include "host/sync/leaving.h"

namespace portico::sync {

class Departures {
public:
    using ConnectorFor = std::function<std::unique_ptr<Connector>(const CallContext& ctx, const StreamState& stream)>;
    Departures(storage::Database& database, jobs::Workers& workers, const Clock& clock, ConnectorFor connector_for);

    // Ends the connections and returns the receipt, without the account's name; null when they are gone already.
    using Ending = std::function<Json(const CallContext& ctx, const Leaving& leaving)>;
    void onEnding(Ending end) { end_ = std::move(end); }

    // The acting user leaves: fills in the id, the times and the total. Conflict "leaving" when it is under way
    // already.
    Leaving begin(const CallContext& ctx, Leaving leaving);
    // No more waiting: what is left stays. NotFound unless it is the acting user's and goes on.
    void endNow(const CallContext& ctx, const std::string& id);
    // The acting user's, also those that are over until they are dropped, or a day has passed.
    std::vector<Leaving> list(const CallContext& ctx);
    void drop(const CallContext& ctx, const std::string& id);
    void sweep();

private:
    void run(const jobs::Run& run);
    bool step(const jobs::Run& run, Leaving& leaving);
    void enqueue(storage::Tx& tx, const std::string& id, std::optional<Instant> at);

    storage::Database& database_;
    jobs::Workers& workers_;
    const Clock& clock_;
    const ConnectorFor connector_for_;
    Ending end_;
};

}  // namespace portico::sync
