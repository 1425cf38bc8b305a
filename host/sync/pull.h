// SPDX-License-Identifier: Apache-2.0
// Brings the service's changes here: reads lines in order, reconciles each in its own transaction (one bad item never
// stops the others), keeps the cursor with the work it stands for, and after a complete list asks about what was
// missing before it believes in a removal. Safe to run again from any cursor; one run per stream at a time.
#pragma once

#include "host/sync/reconcile.h"

namespace portico::sync {

class Pull {
public:
    Pull(storage::Database& database, Scope scope, Connector& connector)
        : database_(database), scope_(std::move(scope)), connector_(connector) {}

    struct Result {
        int changed = 0, removed = 0, failed = 0;
    };
    Result run();

private:
    bool readAll();  // false: the cursor has expired and a complete list is needed
    void apply(const Json& line);
    void upsert(const Json& line);
    std::optional<Link> findByEarlierRef(storage::Tx& tx, const Json& line) const;
    void remove(const std::string& ref);
    void saveCursor(const std::string& cursor, bool done);
    void sweep();

    storage::Database& database_;
    Scope scope_;
    Connector& connector_;
    Result result_;
    bool expired_ = false;
    bool full_ = false;
};

}  // namespace portico::sync
