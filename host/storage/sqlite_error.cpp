// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <cerrno>

#include "host/storage/connection.h"

namespace portico::storage {
namespace {

constexpr const char* kRestore =
    "; nothing was changed: stop Portico, keep a copy of the file, and restore the latest backup";

bool outOfSpace(sqlite3* db, int primary) {
    if (primary == SQLITE_FULL) return true;
    const int error = db == nullptr ? 0 : sqlite3_system_errno(db);
    return primary == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT);
}

}  // namespace

void throwSqlite(sqlite3* db, int result, const std::string& attempted) {
    const std::string text = attempted + ": " + (db == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(db));
    const int primary = result & 0xff;
    if (outOfSpace(db, primary))
        throw Error(Code::Unavailable, "disk_full", text + "; the disk is full: free some space and try again", 30'000);
    switch (primary) {
        case SQLITE_CONSTRAINT: throw Error(Code::Conflict, "constraint", text);
        case SQLITE_BUSY:
        case SQLITE_LOCKED: throw Error(Code::Unavailable, "database_busy", text + "; try again", 1'000);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: throw Error(Code::Internal, "database_corrupt", text + kRestore);
        case SQLITE_TOOBIG: throw Error(Code::Limit, "too_large", text);
        case SQLITE_INTERRUPT: throw Error(Code::Cancelled, "interrupted", text);
        default: throw Error(Code::Internal, "database", text);
    }
}

void throwCorrupt(const std::filesystem::path& file, const std::string& found) {
    throw Error(Code::Internal, "database_corrupt", "open the database " + file.string() + ": " + found + kRestore);
}

}  // namespace portico::storage
