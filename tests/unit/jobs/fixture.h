// SPDX-License-Identifier: Apache-2.0
// A database with the jobs schema under a virtual clock. Thread-safe but for construction.
#pragma once

#include "host/base/error.h"
#include "host/jobs/migrations.h"
#include "host/jobs/queue.h"
#include "host/storage/database.h"
#include "tests/support/temp_dir.h"

namespace portico::tests {

struct Office {
    TempDir dir;
    ManualClock clock{parseInstant("2026-11-20T09:00:00Z")};
    storage::Database database{{dir / "test.db", jobs::migrations(), 2}};
    TenantId tenant{"tenant-a"}, other{"tenant-b"};

    template <class F>
    auto write(const TenantId& who, F&& f) {
        return database.write(who, [&](storage::Tx& tx) { return f(tx); });
    }
    std::vector<jobs::JobStatus> list(const std::string& state = "") {
        return database.read(tenant, [&](storage::Tx& tx) { return jobs::jobsOf(tx, state, 100); });
    }
};

}  // namespace portico::tests
