// SPDX-License-Identifier: Apache-2.0
// One numbered, forward-only change of the schema. Each room owns a component ("crm") and counts 1, 2, 3 in it; a
// migration that was ever applied is never edited, only followed by another. Immutable value.
#pragma once

#include <string>
#include <vector>

namespace portico::storage {

struct Migration {
    std::string component;
    int number = 0;
    std::string sql;  // any number of statements; run inside one transaction
};

class Connection;

// Applies what is missing, all or nothing. Throws Unsupported ("database_newer") when the file holds a migration that
// this build does not know, Internal ("migration_changed") when an applied one differs from ours.
void migrate(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace portico::storage
