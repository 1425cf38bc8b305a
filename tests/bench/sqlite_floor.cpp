// SPDX-License-Identifier: Apache-2.0
// What SQLite itself does on this machine, with nothing of ours above it: the floor that the product's numbers are
// divided by. 100,000 contacts; a row by key, a page of 50 by key, a durable insert (WAL, synchronous=FULL), 9 columns
// each.
//   bench_sqlite_floor DATABASE [SECONDS]            makes the database when it is absent; prints one JSON object
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kContacts = 100'000;
constexpr int kColumns = 9;

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

void run(sqlite3* database, const char* sql) {
    char* message = nullptr;
    if (sqlite3_exec(database, sql, nullptr, nullptr, &message) != SQLITE_OK) throw std::runtime_error(message);
}

Statement prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(database));
    return {statement, sqlite3_finalize};
}

std::string key(int number) {
    char text[33];
    std::snprintf(text, sizeof text, "%032x", number);
    return text;
}

void insert(sqlite3_stmt* statement, int number) {
    const std::string id = key(number), name = "Person Number " + std::to_string(number);
    sqlite3_bind_text(statement, 1, id.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 2, name.c_str(), -1, SQLITE_TRANSIENT);
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error("insert failed");
    sqlite3_reset(statement);
}

Database open(const char* path) {
    sqlite3* handle = nullptr;
    if (sqlite3_open(path, &handle) != SQLITE_OK) throw std::runtime_error("cannot open the database");
    Database database(handle, sqlite3_close);
    run(handle,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
        "CREATE TABLE IF NOT EXISTS contacts(tenant_id TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, "
        "display_name TEXT NOT NULL, email TEXT, phone TEXT, card TEXT NOT NULL, created_at INTEGER NOT NULL, "
        "updated_at INTEGER NOT NULL, PRIMARY KEY(tenant_id, id)) STRICT, WITHOUT ROWID");
    return database;
}

constexpr const char* kInsert =
    "INSERT INTO contacts VALUES('t1', ?1, 1, ?2, ?2 || '@example.org', '+44 20 7946 0000', "
    "'{\"@type\":\"Card\",\"version\":\"1.0\",\"name\":{\"full\":\"' || ?2 || '\"}}', 1763712000000, 1763712000000)";

void fill(sqlite3* database) {
    const Statement count = prepare(database, "SELECT count(*) FROM contacts");
    sqlite3_step(count.get());
    if (sqlite3_column_int(count.get(), 0) >= kContacts) return;
    const Statement statement = prepare(database, kInsert);
    run(database, "BEGIN");
    for (int i = 0; i < kContacts; ++i) insert(statement.get(), i);
    run(database, "COMMIT");
}

std::size_t readRow(sqlite3_stmt* statement) {
    std::size_t bytes = 0;
    for (int column = 0; column < kColumns; ++column) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        const std::string copy(text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
        bytes += copy.size();
    }
    return bytes;
}

// Calls `operation(n)` for the time and prints {"per_second", "p50_us", "p99_us"} under the name.
template <class F>
void measure(const char* name, double seconds, bool last, F&& operation) {
    std::vector<double> took;
    const auto begin = Clock::now();
    auto now = begin;
    for (int n = 0; now - begin < std::chrono::duration<double>(seconds); ++n) {
        const auto before = now;
        operation(n);
        now = Clock::now();
        took.push_back(std::chrono::duration<double, std::micro>(now - before).count());
    }
    const double total = std::chrono::duration<double>(now - begin).count();
    std::sort(took.begin(), took.end());
    const auto at = [&took](double share) {
        return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))];
    };
    std::printf("  \"%s\": {\"per_second\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f}%s\n", name,
                static_cast<double>(took.size()) / total, at(0.5), at(0.99), last ? "" : ",");
}

void measureAll(sqlite3* database, double seconds) {
    const Statement one = prepare(database, "SELECT * FROM contacts WHERE tenant_id='t1' AND id=?1");
    const Statement page =
        prepare(database, "SELECT * FROM contacts WHERE tenant_id='t1' AND id>?1 ORDER BY id LIMIT 50");
    const Statement write = prepare(database, kInsert);
    std::size_t bytes = 0;
    const auto select = [&bytes](sqlite3_stmt* statement, int number) {
        const std::string id = key(number);
        sqlite3_bind_text(statement, 1, id.c_str(), -1, SQLITE_TRANSIENT);
        while (sqlite3_step(statement) == SQLITE_ROW) bytes += readRow(statement);
        sqlite3_reset(statement);
    };
    const Statement last = prepare(database, "SELECT count(*) FROM contacts");
    sqlite3_step(last.get());
    const int first_new = sqlite3_column_int(last.get(), 0);
    sqlite3_reset(last.get());

    std::printf("{\n");
    measure("select_by_key", seconds, false, [&](int n) { select(one.get(), (n * 7919) % kContacts); });
    measure("page_of_50", seconds, false, [&](int n) { select(page.get(), (n * 7919) % (kContacts - 50)); });
    measure("insert_full", seconds, true, [&](int n) { insert(write.get(), first_new + n); });
    std::printf("}\n");
    if (bytes == 0) throw std::runtime_error("nothing was read");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s DATABASE [SECONDS]\n", argv[0]);
        return 2;
    }
    try {
        const Database database = open(argv[1]);
        fill(database.get());
        measureAll(database.get(), argc > 2 ? std::atof(argv[2]) : 2.0);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
