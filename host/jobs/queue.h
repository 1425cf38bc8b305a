// SPDX-License-Identifier: Apache-2.0
// The durable queue: what is to be done, in the database, so that it survives a crash. Functions on a transaction;
// confined to it. Workers (workers.h) take jobs from here. Invariants: of the jobs with one key at most one runs; a job
// leaves the table only when its run succeeded or someone discarded it; a run whose lease was lost can change nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/storage/tx.h"

namespace portico::jobs {

// Whose jobs and schedules those of the installation itself are (expiry, backups): no real tenant has this id.
inline const TenantId kInstallation{"installation"};

struct NewJob {
    std::string kind;               // which handler runs it
    std::string key;                // empty: runs beside any other
    Json payload = Json::object();  // never a secret
    std::optional<Instant> run_at;  // nothing: at once
    bool once = false;              // nothing new when one of this kind and key waits already
};

struct Job {
    TenantId tenant;
    std::string id, kind, key;
    Json payload;
    int attempts = 0;  // with the present one
    std::string lease;
};

struct JobStatus {
    std::string id, kind, key, state;
    Instant run_at;
    int attempts = 0;
    std::string error_code, error_reason, error_text;
};

struct Schedule {
    std::string name;  // one per tenant and name
    std::string kind, key;
    Json payload = Json::object();
    Millis every{0};
    Millis jitter{0};  // added at random, so that tenants do not all start together
};

// The job's id (that of the waiting one when `once` found it).
std::string put(storage::Tx& tx, const NewJob& job, Instant now);

// Sets or changes a schedule; an unchanged interval keeps its next time. The first run is within `jitter` from now.
void setSchedule(storage::Tx& tx, const Schedule& schedule, Instant now);
void removeSchedule(storage::Tx& tx, const std::string& name);

std::vector<JobStatus> jobsOf(storage::Tx& tx, const std::string& state, int limit);
// A parked or dead job tries again from the start, or goes. NotFound when there is none.
void retry(storage::Tx& tx, const std::string& id, Instant now);
void discard(storage::Tx& tx, const std::string& id);

// For the workers. Turns due schedules into jobs and takes the next due job, if any.
std::optional<Job> claim(storage::SystemTx& tx, const std::vector<std::string>& kinds, Instant now, Millis lease);
// Whether claim() would find anything: a look costs microseconds, an empty claim a disk write.
bool somethingDue(storage::SystemTx& tx, const std::vector<std::string>& kinds, Instant now);
// When something becomes due next; nothing when all is quiet.
std::optional<Instant> nextDue(storage::SystemTx& tx);
// This machine's clock was set back by that much: what had a minute to wait still has a minute.
void moveBack(storage::SystemTx& tx, Millis by);

// Runs that a dead process left behind wait again.
std::int64_t releaseExpired(storage::SystemTx& tx, Instant now);
std::int64_t releaseAll(storage::SystemTx& tx);
// Each returns false when the run has lost its lease.
bool renew(storage::SystemTx& tx, const Job& job, Instant until);
bool finish(storage::SystemTx& tx, const Job& job);
bool fail(storage::SystemTx& tx, const Job& job, const Error& error, Instant now);
bool giveBack(storage::SystemTx& tx, const Job& job);  // unfinished, without counting the attempt

}  // namespace portico::jobs
