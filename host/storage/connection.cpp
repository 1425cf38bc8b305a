// SPDX-License-Identifier: Apache-2.0
#include "host/storage/connection.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <sqlite3.h>

#include <cstring>
#include <fstream>
#include <map>
#include <mutex>

#include "host/storage/sql_text.h"

namespace portico::storage {
namespace {

constexpr std::size_t kCachedStatements = 400;
constexpr std::size_t kOpenTimeoutSeconds = 2;  // Poco spins on a file it cannot open; its default is 60

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalize> statement;
    int arguments = 0;
    int tenant_index = 0;
};

// Leaves the cached statement ready for its next use, whatever happened.
class Running {
public:
    explicit Running(sqlite3_stmt* statement) : statement_(statement) {}
    ~Running() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

private:
    sqlite3_stmt* statement_;
};

std::string excerpt(std::string_view sql) { return "run \"" + std::string(sql.substr(0, 160)) + "\""; }

// SQLite reads a URI so that readers can say mode=ro; these three characters would end the path.
std::string uri(const std::filesystem::path& file, Connection::Mode mode) {
    std::string text = "file:";
    for (const char c : std::filesystem::absolute(file).string())
        text += c == '?' ? "%3f" : c == '#' ? "%23" : c == '%' ? "%25" : std::string(1, c);
    return text + (mode == Connection::Mode::Reader ? "?mode=ro" : "?mode=rwc");
}

// Poco only says "cannot open"; people need to know what is wrong, and the file must not be touched. Only before the
// first connection: closing a file drops every POSIX lock of this process on it, and another program would take the
// database for unused and delete its log.
void refuseForeignFile(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    char head[16] = {};
    stream.read(head, sizeof head);
    if (stream.gcount() == 0) return;  // absent or new
    if (stream.gcount() != sizeof head || std::memcmp(head, "SQLite format 3", sizeof head) != 0)
        throwCorrupt(file, "the file is not an SQLite database");
}

Poco::Data::Session openSession(const std::filesystem::path& file, Connection::Mode mode) {
    static std::once_flag registered;
    std::call_once(registered, [] { Poco::Data::SQLite::Connector::registerConnector(); });
    if (mode == Connection::Mode::Writer) refuseForeignFile(file);
    try {
        return {Poco::Data::SQLite::Connector::KEY, uri(file, mode), kOpenTimeoutSeconds};
    } catch (const Poco::Exception& error) {
        throw Error(Code::Internal, "database_open",
                    "open the database " + file.string() + ": " + error.displayText() +
                        "; check that the folder exists and that this user may write to it");
    }
}

int bindOne(sqlite3_stmt* statement, int index, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
    if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
    // A null pointer would bind NULL: an empty text stays a text. The bytes outlive the call (see Value).
    if (const auto* text = std::get_if<std::string_view>(&value))
        return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    if (const auto* blob = std::get_if<Blob>(&value))
        return blob->bytes.empty()
                   ? sqlite3_bind_zeroblob(statement, index, 0)
                   : sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
    return sqlite3_bind_null(statement, index);
}

Row::Cell cellOf(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
        case SQLITE_NULL: return {};
        default: {
            const void* bytes = sqlite3_column_blob(statement, column);
            const int size = sqlite3_column_bytes(statement, column);
            return size == 0 ? std::string()
                             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
        }
    }
}

Row rowOf(sqlite3_stmt* statement) {
    const int columns = sqlite3_column_count(statement);
    std::vector<Row::Cell> cells;
    cells.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) cells.push_back(cellOf(statement, i));
    return Row(std::move(cells));
}

}  // namespace

struct Connection::Impl {
    Impl(const std::filesystem::path& file, Mode mode)
        : session(openSession(file, mode)), db(Poco::Data::SQLite::Utility::dbHandle(session)) {}

    sqlite3_stmt* ready(std::string_view sql, const std::string* tenant, std::span<const Value> args);
    Prepared& prepared(std::string_view sql);

    Poco::Data::Session session;
    sqlite3* db;  // owned by the session
    std::map<std::string, Prepared, std::less<>> cache;
};

Prepared& Connection::Impl::prepared(std::string_view sql) {
    if (const auto found = cache.find(sql); found != cache.end()) return found->second;
    const SqlText numbered = numberParameters(sql);
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int result = sqlite3_prepare_v3(db, numbered.text.data(), static_cast<int>(numbered.text.size()),
                                          SQLITE_PREPARE_PERSISTENT, &raw, &tail);
    Prepared statement{std::unique_ptr<sqlite3_stmt, Finalize>(raw), numbered.arguments, numbered.tenant_index};
    if (result != SQLITE_OK) throwSqlite(db, result, excerpt(sql));
    const std::string_view rest(tail, static_cast<std::size_t>(numbered.text.data() + numbered.text.size() - tail));
    if (raw == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos)
        throw Error(Code::Internal, "sql", excerpt(sql) + ": exactly one statement is allowed");
    if (cache.size() >= kCachedStatements) cache.clear();
    return cache.emplace(std::string(sql), std::move(statement)).first->second;
}

sqlite3_stmt* Connection::Impl::ready(std::string_view sql, const std::string* tenant, std::span<const Value> args) {
    Prepared& statement = prepared(sql);
    if ((tenant != nullptr) != (statement.tenant_index != 0))
        throw Error(Code::Internal, "tenant_rule",
                    excerpt(sql) + (tenant != nullptr ? ": the statement does not name :tenant"
                                                      : ": a statement that spans tenants cannot use :tenant"));
    if (static_cast<int>(args.size()) != statement.arguments)
        throw Error(Code::Internal, "sql",
                    excerpt(sql) + ": wants " + std::to_string(statement.arguments) + " arguments, was given " +
                        std::to_string(args.size()));
    for (std::size_t i = 0; i < args.size(); ++i)
        if (const int result = bindOne(statement.statement.get(), static_cast<int>(i) + 1, args[i]);
            result != SQLITE_OK)
            throwSqlite(db, result, excerpt(sql));
    if (tenant != nullptr) bindOne(statement.statement.get(), statement.tenant_index, std::string_view(*tenant));
    return statement.statement.get();
}

Connection::Connection(const std::filesystem::path& file, Mode mode) : impl_(std::make_unique<Impl>(file, mode)) {
    // A reader never checkpoints (SQLite before 3.44.6 can reset the log while another connection writes), the writer
    // does it between its transactions.
    script(
        "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-8192;");
    script(mode == Mode::Reader ? "PRAGMA query_only=ON"
                                : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                                  "PRAGMA journal_size_limit=67108864");
    if (mode == Mode::Writer && query("PRAGMA journal_mode", nullptr, {}).at(0).text(0) != "wal")
        throw Error(Code::Unsupported, "file_system",
                    "open the database " + file.string() +
                        ": this file system has no shared memory for a write-ahead log; use a local disk");
}

Connection::~Connection() = default;

std::vector<Row> Connection::query(std::string_view sql, const std::string* tenant, std::span<const Value> args) {
    sqlite3_stmt* statement = impl_->ready(sql, tenant, args);
    const Running running(statement);
    std::vector<Row> rows;
    int result = SQLITE_OK;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) rows.push_back(rowOf(statement));
    if (result != SQLITE_DONE) throwSqlite(impl_->db, result, excerpt(sql));
    return rows;
}

std::int64_t Connection::exec(std::string_view sql, const std::string* tenant, std::span<const Value> args) {
    sqlite3_stmt* statement = impl_->ready(sql, tenant, args);
    const Running running(statement);
    int result = SQLITE_OK;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    if (result != SQLITE_DONE) throwSqlite(impl_->db, result, excerpt(sql));
    return sqlite3_stmt_readonly(statement) != 0 ? 0 : sqlite3_changes64(impl_->db);
}

void Connection::script(const std::string& sql) {
    const int result = sqlite3_exec(impl_->db, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throwSqlite(impl_->db, result, excerpt(sql));
}

bool Connection::inTransaction() const { return sqlite3_get_autocommit(impl_->db) == 0; }
sqlite3* Connection::handle() const { return impl_->db; }

void checkIntegrity(Connection& connection, const std::filesystem::path& file) {
    std::int64_t until_ns = monotonicNs() + 2'000'000'000;
    const auto late = [](void* until) { return monotonicNs() > *static_cast<std::int64_t*>(until) ? 1 : 0; };
    sqlite3_progress_handler(connection.handle(), 10'000, late, &until_ns);
    std::string found = "ok";
    try {
        found = connection.query("PRAGMA quick_check(1)", nullptr, {}).at(0).text(0);
    } catch (const Error& error) {
        if (error.code() != Code::Cancelled) found = error.what();
    }
    sqlite3_progress_handler(connection.handle(), 0, nullptr, nullptr);
    if (found != "ok") throwCorrupt(file, found);
}

}  // namespace portico::storage
