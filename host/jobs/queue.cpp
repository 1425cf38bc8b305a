// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/queue.h"

#include <algorithm>

#include "host/jobs/backoff.h"

namespace portico::jobs {
namespace {

void startSchedules(storage::SystemTx& tx, Instant now) {
    for (const storage::Row& row :
         tx.query("SELECT tenant_id, name, kind, key, payload, every_ms, jitter_ms FROM schedules"
                  " WHERE next_at <= ?1 ORDER BY next_at LIMIT 50",
                  now)) {
        storage::Tx own = tx.as(TenantId(row.text(0)));
        // What the last interval left undone is not done twice.
        put(own, {row.text(2), row.text(3), Json::parse(row.text(4)), std::nullopt, true}, now);
        own.exec("UPDATE schedules SET next_at = ?2 WHERE tenant_id = :tenant AND name = ?1", row.text(1),
                 now + Millis(row.integer(5)) + randomUpTo(Millis(row.integer(6))));
    }
}

// The next due job whose key is free. ?1 now, ?2 the kinds as a JSON array: one argument whatever their number.
constexpr const char* kNextJob =
    "SELECT j.tenant_id, j.id, j.kind, j.key, j.payload, j.attempts FROM jobs j"
    " WHERE j.state = 'waiting' AND j.run_at <= ?1"
    " AND j.kind IN (SELECT value FROM json_each(?2)) AND (j.key = '' OR NOT EXISTS (SELECT 1 FROM jobs r"
    " WHERE r.tenant_id = j.tenant_id AND r.key = j.key AND r.state = 'running')) ORDER BY j.run_at, j.id LIMIT 1";

std::string asJson(const std::vector<std::string>& kinds) {
    Json list = Json::array();
    for (const std::string& kind : kinds) list.push(kind);
    return list.dump();
}

}  // namespace

std::string put(storage::Tx& tx, const NewJob& job, Instant now) {
    if (job.kind.empty()) throw Error(Code::Internal, "job_kind", "queue a job without a kind");
    if (job.once) {
        const auto waiting = tx.one(
            "SELECT id FROM jobs WHERE tenant_id = :tenant AND key = ?1 AND state = 'waiting'"
            " AND kind = ?2 ORDER BY run_at LIMIT 1",
            job.key, job.kind);
        if (waiting) {
            // It is wanted now, whatever made the one that waits wait longer.
            tx.exec("UPDATE jobs SET run_at = min(run_at, ?2) WHERE tenant_id = :tenant AND id = ?1 AND attempts = 0",
                    waiting->text(0), job.run_at.value_or(now));
            return waiting->text(0);
        }
    }
    const std::string id = newId();
    tx.exec(
        "INSERT INTO jobs (tenant_id, id, kind, key, payload, state, run_at, attempts, lease, lease_until, error_code,"
        " error_reason, error_text, created_at)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, 'waiting', ?5, 0, '', 0, '', '', '', ?6)",
        id, job.kind, job.key, job.payload.dump(), job.run_at.value_or(now), now);
    return id;
}

void setSchedule(storage::Tx& tx, const Schedule& schedule, Instant now) {
    if (schedule.every < std::chrono::seconds(1))
        throw Error(Code::Invalid, "bad_schedule", "set the schedule " + schedule.name + ": once a second is the most");
    tx.exec(
        "INSERT INTO schedules (tenant_id, name, kind, key, payload, every_ms, jitter_ms, next_at)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant_id, name) DO UPDATE SET kind = ?2, key = ?3,"
        " payload = ?4, every_ms = ?5, jitter_ms = ?6, next_at = CASE WHEN every_ms = ?5 THEN next_at ELSE ?7 END",
        schedule.name, schedule.kind, schedule.key, schedule.payload.dump(), schedule.every.count(),
        schedule.jitter.count(), now + randomUpTo(schedule.jitter));
}

void removeSchedule(storage::Tx& tx, const std::string& name) {
    tx.exec("DELETE FROM schedules WHERE tenant_id = :tenant AND name = ?1", name);
}

std::vector<JobStatus> jobsOf(storage::Tx& tx, const std::string& state, int limit) {
    std::vector<JobStatus> found;
    for (const storage::Row& row :
         tx.query("SELECT id, kind, key, state, run_at, attempts, error_code, error_reason,"
                  " error_text FROM jobs WHERE tenant_id = :tenant AND (?1 = '' OR state = ?1)"
                  " ORDER BY run_at, id LIMIT ?2",
                  state, std::clamp(limit, 1, 1000)))
        found.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.instant(4),
                         static_cast<int>(row.integer(5)), row.text(6), row.text(7), row.text(8)});
    return found;
}

void retry(storage::Tx& tx, const std::string& id, Instant now) {
    if (tx.exec("UPDATE jobs SET state = 'waiting', run_at = ?2, attempts = 0 WHERE tenant_id = :tenant AND id = ?1"
                " AND state IN ('parked', 'dead')",
                id, now) == 0)
        throw Error(Code::NotFound, "no_job", "try the job again: it does not exist or has not failed");
}

void discard(storage::Tx& tx, const std::string& id) {
    if (tx.exec("DELETE FROM jobs WHERE tenant_id = :tenant AND id = ?1 AND state IN ('parked', 'dead')", id) == 0)
        throw Error(Code::NotFound, "no_job", "discard the job: it does not exist or has not failed");
}

std::optional<Job> claim(storage::SystemTx& tx, const std::vector<std::string>& kinds, Instant now, Millis lease) {
    startSchedules(tx, now);
    const auto row = tx.one(kNextJob, now, asJson(kinds));
    if (!row) return std::nullopt;
    Job job{TenantId(row->text(0)),
            row->text(1),
            row->text(2),
            row->text(3),
            Json::parse(row->text(4)),
            static_cast<int>(row->integer(5)) + 1,
            newId()};
    tx.exec(
        "UPDATE jobs SET state = 'running', attempts = ?3, lease = ?4, lease_until = ?5"
        " WHERE tenant_id = ?1 AND id = ?2",
        job.tenant, job.id, job.attempts, job.lease, now + lease);
    return job;
}

bool somethingDue(storage::SystemTx& tx, const std::vector<std::string>& kinds, Instant now) {
    return tx.one("SELECT 1 FROM schedules WHERE next_at <= ?1 LIMIT 1", now) ||
           tx.one("SELECT 1 FROM jobs WHERE state = 'running' AND lease_until <= ?1 LIMIT 1", now) ||
           tx.one(kNextJob, now, asJson(kinds));
}

std::optional<Instant> nextDue(storage::SystemTx& tx) {
    return tx
        .one(
            "SELECT min(at) FROM (SELECT min(run_at) AS at FROM jobs WHERE state = 'waiting'"
            " UNION ALL SELECT min(lease_until) FROM jobs WHERE state = 'running'"
            " UNION ALL SELECT min(next_at) FROM schedules)")
        ->optInstant(0);
}

std::int64_t releaseExpired(storage::SystemTx& tx, Instant now) {
    return tx.exec(
        "UPDATE jobs SET state = 'waiting', lease = '', run_at = ?1 WHERE state = 'running' AND lease_until <= ?1",
        now);
}

void moveBack(storage::SystemTx& tx, Millis by) {
    tx.exec("UPDATE schedules SET next_at = next_at - ?1", by.count());
    tx.exec(
        "UPDATE jobs SET run_at = run_at - ?1, lease_until = lease_until - ?1 WHERE state IN ('waiting', 'running')",
        by.count());
}

std::int64_t releaseAll(storage::SystemTx& tx) {
    return tx.exec("UPDATE jobs SET state = 'waiting', lease = '' WHERE state = 'running'");
}

bool renew(storage::SystemTx& tx, const Job& job, Instant until) {
    return tx.exec(
               "UPDATE jobs SET lease_until = ?4 WHERE tenant_id = ?1 AND id = ?2 AND lease = ?3 AND state = 'running'",
               job.tenant, job.id, job.lease, until) == 1;
}

bool finish(storage::SystemTx& tx, const Job& job) {
    return tx.exec("DELETE FROM jobs WHERE tenant_id = ?1 AND id = ?2 AND lease = ?3", job.tenant, job.id, job.lease) ==
           1;
}

bool fail(storage::SystemTx& tx, const Job& job, const Error& error, Instant now) {
    const bool park = verdictOf(error) == Verdict::Park;
    const bool dead = job.attempts >= kMostAttempts && !waitsForOthers(error);
    const char* state = park ? "parked" : dead ? "dead" : "waiting";
    return tx.exec(
               "UPDATE jobs SET state = ?4, run_at = ?5, lease = '', error_code = ?6, error_reason = ?7,"
               " error_text = ?8"
               " WHERE tenant_id = ?1 AND id = ?2 AND lease = ?3",
               job.tenant, job.id, job.lease, state, now + backoff(job.attempts, error), codeName(error.code()),
               error.reason(), std::string_view(error.what()).substr(0, 2000)) == 1;
}

bool giveBack(storage::SystemTx& tx, const Job& job) {
    return tx.exec(
               "UPDATE jobs SET state = 'waiting', lease = '', attempts = attempts - 1"
               " WHERE tenant_id = ?1 AND id = ?2 AND lease = ?3",
               job.tenant, job.id, job.lease) == 1;
}

}  // namespace portico::jobs
