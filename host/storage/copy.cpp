// SPDX-License-Identifier: Apache-2.0
#include "host/storage/copy.h"

#include <sqlite3.h>

#include <memory>
#include <optional>

#include "host/base/error.h"
#include "host/storage/connection.h"

namespace portico::storage {

void copyDatabase(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (!std::filesystem::exists(from))
        throw Error(Code::NotFound, "no_database", "the database " + from.string() + " does not exist");
    // A reader neither writes nor checkpoints: the one-writer rule holds while a server works on the file.
    std::optional<Connection> source;
    try {
        source.emplace(from, Connection::Mode::Reader);
    } catch (const Error& error) {
        if (error.reason() == "database_corrupt") throwCorrupt(from, error.what());
        throw;
    }
    checkIntegrity(*source, from);
    sqlite3* raw = nullptr;
    const int opened =
        sqlite3_open_v2(to.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE, nullptr);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> target(raw, sqlite3_close);
    const std::string attempted = "copy " + from.string() + " to " + to.string();
    if (opened != SQLITE_OK) throwSqlite(raw, opened, attempted);
    sqlite3_backup* backup = sqlite3_backup_init(raw, "main", source->handle(), "main");
    if (backup == nullptr) throwSqlite(raw, sqlite3_errcode(raw), attempted);
    sqlite3_backup_step(backup, -1);  // all pages of one snapshot
    const int result = sqlite3_backup_finish(backup);
    if (result != SQLITE_OK) throwSqlite(raw, result, attempted);
}

}  // namespace portico::storage
