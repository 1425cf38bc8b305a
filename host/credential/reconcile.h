// SPDX-License-Identifier: Apache-2.0
// Holds a database that is being opened against the ledger, before anything is served. What was removed since goes
// again, what has an older token than the newest known waits for its owner to connect again, and the operator is told.
// A database that `portico restore` put there, of which no ledger knows, is treated as if everything in it were old:
// nothing tells what was removed since the backup.
#pragma once

#include <filesystem>

#include "host/base/clock.h"
#include "host/credential/ledger.h"
#include "host/storage/database.h"

namespace portico::credential {

// `folder` is the database's; a restored database's mark there goes. Returns what the operator should know, empty when
// the database is the newest.
std::string reconcile(storage::Database& database, Ledger& ledger, const std::filesystem::path& folder,
                      const Clock& clock);

}  // namespace portico::credential
