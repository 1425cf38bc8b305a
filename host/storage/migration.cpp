// SPDX-License-Identifier: Apache-2.0
#include "host/storage/migration.h"

#include <map>
#include <utility>

#include "host/base/bytes.h"
#include "host/storage/connection.h"

namespace portico::storage {
namespace {

using Key = std::pair<std::string, int>;

[[noreturn]] void refuseNewer(const Key& key) {
    throw Error(Code::Unsupported, "database_newer",
                "open the database: it was changed by a newer Portico (" + key.first + " " +
                    std::to_string(key.second) +
                    "); start that version, or restore a backup made by this one. Nothing was changed");
}

std::map<Key, std::string> applied(Connection& connection) {
    connection.script(
        "CREATE TABLE IF NOT EXISTS schema_migrations (component TEXT NOT NULL, number INTEGER NOT NULL,"
        " digest TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (component, number)) STRICT");
    std::map<Key, std::string> done;
    for (const Row& row : connection.query("SELECT component, number, digest FROM schema_migrations", nullptr, {}))
        done[{row.text(0), static_cast<int>(row.integer(1))}] = row.text(2);
    return done;
}

void apply(Connection& connection, const Migration& migration, const std::string& digest) {
    connection.script(migration.sql);
    const Value row[] = {toValue(migration.component), toValue(migration.number), toValue(digest),
                         toValue(SystemClock().now())};
    connection.exec("INSERT INTO schema_migrations VALUES (?1, ?2, ?3, ?4)", nullptr, row);
}

void migrateInside(Connection& connection, const std::vector<Migration>& migrations) {
    std::map<Key, std::string> known;
    for (const Migration& migration : migrations)
        known[{migration.component, migration.number}] = toHex(sha256(migration.sql));
    const std::map<Key, std::string> done = applied(connection);
    for (const auto& [key, digest] : done) {
        const auto ours = known.find(key);
        if (ours == known.end()) refuseNewer(key);
        if (ours->second != digest)
            throw Error(Code::Internal, "migration_changed",
                        "open the database: migration " + key.first + " " + std::to_string(key.second) +
                            " is not the one that was applied to it; use the build that made the file");
    }
    for (const Migration& migration : migrations) {
        const Key key{migration.component, migration.number};
        if (!done.contains(key)) apply(connection, migration, known.at(key));
    }
}

}  // namespace

void migrate(Connection& connection, const std::vector<Migration>& migrations) {
    connection.script("BEGIN IMMEDIATE");
    try {
        migrateInside(connection, migrations);
        connection.script("COMMIT");
    } catch (...) {
        if (connection.inTransaction()) connection.script("ROLLBACK");
        throw;
    }
}

}  // namespace portico::storage
