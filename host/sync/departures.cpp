// SPDX-License-Identifier: Apache-2.0
#include "host/sync/departures.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::sync {
namespace {

using namespace std::chrono_literals;
constexpr auto kAtMost = 10min;
constexpr auto kPause = 15s;  // after a service that cannot be reached
constexpr auto kShownFor = 24h;
constexpr int kStep = 25;

}  // namespace

Departures::Departures(storage::Database& database, jobs::Workers& workers, const Clock& clock,
                       ConnectorFor connector_for)
    : database_(database), workers_(workers), clock_(clock), connector_for_(std::move(connector_for)) {
    workers.handle("sync.leave", [this](const jobs::Run& each) { run(each); });
}

void Departures::enqueue(storage::Tx& tx, const std::string& id, std::optional<Instant> at) {
    jobs::NewJob job;
    job.kind = "sync.leave";
    job.key = "leave:" + id;
    job.payload = Json::object({{"id", id}});
    job.run_at = at;
    workers_.enqueue(tx, job);
}

Leaving Departures::begin(const CallContext& ctx, Leaving leaving) {
    leaving.id = newId();
    leaving.user = ctx.actor.user;
    leaving.started_at = clock_.now();
    leaving.until = leaving.started_at + kAtMost;
    return database_.write(ctx.tenant, [&](storage::Tx& tx) {
        Traces traces;
        for (const ConnectionId& id : leaving.connections) {
            if (isLeaving(tx, id)) throw Error(Code::Conflict, "leaving", "disconnect: this is under way already");
            traces += tracesOf(tx, clock_.now(), id);
        }
        leaving.total = leaving.there ? traces.events + traces.contacts : 0;
        saveLeaving(tx, leaving);
        enqueue(tx, leaving.id, std::nullopt);
        return leaving;
    });
}

void Departures::endNow(const CallContext& ctx, const std::string& id) {
    database_.write(ctx.tenant, [&](storage::Tx& tx) {
        auto leaving = findLeaving(tx, id);
        if (!leaving || leaving->user != ctx.actor.user || !leaving->receipt.isNull())
            throw Error(Code::NotFound, "no_leaving", "there is nothing under way that could be ended");
        leaving->until = clock_.now();
        saveLeaving(tx, *leaving);
        enqueue(tx, id, std::nullopt);
    });
}

std::vector<Leaving> Departures::list(const CallContext& ctx) {
    return database_.read(ctx.tenant, [&](storage::Tx& tx) { return leavings(tx, ctx.actor.user); });
}

void Departures::drop(const CallContext& ctx, const std::string& id) {
    database_.write(ctx.tenant, [&](storage::Tx& tx) {
        const auto leaving = findLeaving(tx, id);
        if (!leaving || leaving->user != ctx.actor.user || leaving->receipt.isNull())
            throw Error(Code::NotFound, "no_leaving", "there is no receipt of this number to put away");
        dropLeaving(tx, id);
    });
}

void Departures::sweep() {
    database_.writeSystem("old receipts of all tenants are put away together",
                          [&](storage::SystemTx& tx) { dropLeavings(tx, clock_.now() - kShownFor); });
}

// One call for each stream; true while there is more to do.
bool Departures::step(const jobs::Run& run, Leaving& leaving) {
    bool more = false;
    for (const ConnectionId& connection : leaving.connections) {
        for (const StreamState& stream :
             database_.read(run.context().tenant, [&](storage::Tx& tx) { return streamsMadeIn(tx, connection); })) {
            const auto connector = connector_for_(run.context(), stream);
            const Removed done = removeThere(database_, run.context().tenant, stream, *connector, kStep);
            leaving.removed += done.removed;
            leaving.stayed += done.stayed;
            database_.write(run.context().tenant, [&](storage::Tx& tx) {
                // The user may have had enough meanwhile: only the time is theirs.
                const auto now = findLeaving(tx, leaving.id);
                if (now) leaving.until = now->until;
                leaving.problem.clear();
                saveLeaving(tx, leaving);
            });
            if (done.again)
                throw Error(Code::Unavailable, "try_again", "not everything could be removed yet", done.retry_after_ms);
            more = true;
        }
    }
    return more;
}

void Departures::run(const jobs::Run& run) {
    const TenantId tenant = run.context().tenant;
    const std::string id = run.payload().str("id");
    auto found = database_.read(tenant, [&](storage::Tx& tx) { return findLeaving(tx, id); });
    if (!found || !found->receipt.isNull()) return;
    Leaving leaving = std::move(*found);
    try {
        while (leaving.there && clock_.now() < leaving.until && step(run, leaving))
            if (run.stopping()) throw Error(Code::Cancelled, "stopping", "leaving goes on at the next start");
    } catch (const Error& error) {
        if (error.code() == Code::Cancelled) throw;
        leaving.problem = error.what();
        log::warning("leaving_waits", {{"id", id}, {"why", error.forLog()}});
        const Instant next = clock_.now() + std::max<Millis>(kPause, Millis(error.retryAfterMs()));
        const bool waits = database_.write(tenant, [&](storage::Tx& tx) {
            const auto now = findLeaving(tx, id);
            if (!now) return true;
            leaving.until = now->until;
            saveLeaving(tx, leaving);
            if (clock_.now() >= leaving.until) return false;
            enqueue(tx, id, std::min(next, leaving.until));
            return true;
        });
        if (waits) return;
    }
    if (leaving.there) {
        const auto left = database_.read(tenant, [&](storage::Tx& tx) {
            std::int64_t count = 0;
            for (const ConnectionId& connection : leaving.connections) count += countMadeThere(tx, connection);
            return count;
        });
        leaving.stayed += left;
    }
    CallContext as_user = run.context();
    as_user.actor = {leaving.user, "leaving"};
    leaving.receipt = end_(as_user, leaving);
    leaving.problem.clear();
    database_.write(tenant, [&](storage::Tx& tx) {
        if (leaving.receipt.isNull())
            dropLeaving(tx, id);
        else
            saveLeaving(tx, leaving);
    });
}

}  // namespace portico::sync
