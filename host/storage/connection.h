// SPDX-License-Identifier: Apache-2.0
// One SQLite connection: a Poco::Data session whose own handle runs our cached statements (1.06 x the raw API, where
// Poco's statements cost 5.4 x). It exists so that pragmas, error translation and the one-statement rule are in one
// place. One thread at a time. Invariants: every connection has the pragmas of open(); a statement is reset before run
// returns.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/storage/value.h"

struct sqlite3;

namespace portico::storage {

class Connection {
public:
    enum class Mode { Writer, Reader };

    Connection(const std::filesystem::path& file, Mode mode);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Runs one statement. `tenant` is bound to :tenant; a statement without :tenant is refused when it is given, and
    // one with it when it is null. A second statement in the text is refused. Rows are copied out.
    std::vector<Row> query(std::string_view sql, const std::string* tenant, std::span<const Value> args);
    std::int64_t exec(std::string_view sql, const std::string* tenant, std::span<const Value> args);  // rows changed

    // A script of our own (migrations, pragmas): any number of statements, no arguments.
    void script(const std::string& sql);
    bool inTransaction() const;
    sqlite3* handle() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Refuses, without touching it, a file that is not a database or is damaged. The look at the pages stops after two
// seconds, so that a large file does not delay the start; what it has not seen is found when it is read.
void checkIntegrity(Connection& connection, const std::filesystem::path& file);

// Throws the Error that an SQLite result code means (see the table in sqlite_error.cpp). `attempted` names what was
// done.
[[noreturn]] void throwSqlite(sqlite3* db, int result, const std::string& attempted);
[[noreturn]] void throwCorrupt(const std::filesystem::path& file, const std::string& found);

}  // namespace portico::storage
