// SPDX-License-Identifier: Apache-2.0
// Brings local changes to the service: plan, settle what an earlier run left unknown, prepare, push, note the outcomes.
// Every intent and its token are durable before the write leaves the house; an unknown outcome is settled by reading.
// Safe to run again at any point; one run per stream at a time (the job's key sees to that).
#pragma once

#include "host/sync/reconcile.h"

namespace portico::sync {

class Push {
public:
    Push(storage::Database& database, Scope scope, Connector& connector, int batch)
        : database_(database), scope_(std::move(scope)), connector_(connector), batch_(batch) {}

    // Returns the number of records that reached the service. Throws what the connector throws, and Unavailable when
    // some records must be tried again later; everything that did succeed is kept.
    int run();

private:
    struct Planned {
        Link link;
        std::string op;  // create, update, delete
        Json record;
        std::int64_t version = 0;
    };

    void pass();
    std::vector<Planned> plan(std::string& after);
    std::optional<Planned> planOne(storage::Tx& tx, Link link) const;
    std::optional<Json> leaving(storage::Tx& tx, const LocalRecord& local, const Json& record,
                                const Json& there = Json()) const;
    void withhold(storage::Tx& tx, Link link) const;
    void settle(std::vector<Planned>& batch);
    void prepare(std::vector<Planned>& batch);
    void storeIntents(const std::vector<Planned>& batch);
    void push(const std::vector<Planned>& batch);
    void noteOutcome(storage::Tx& tx, const Planned& planned, const Json* outcome);
    void noteSuccess(storage::Tx& tx, const Planned& planned, const Json& outcome);

    storage::Database& database_;
    Scope scope_;
    Connector& connector_;
    int batch_;
    int pushed_ = 0, merged_ = 0;
    bool try_again_ = false;
    std::int64_t retry_after_ms_ = 0;
};

}  // namespace portico::sync
