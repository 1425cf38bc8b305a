// SPDX-License-Identifier: Apache-2.0
#include "host/storage/database.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sched.h>
#include <sys/mount.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "host/base/fd.h"
#include "host/storage/outbox.h"
#include "tests/support/temp_dir.h"

using namespace portico;
using namespace portico::storage;

namespace {

const TenantId kOne{"tenant-one"}, kTwo{"tenant-two"};
const Migration kThings{"test", 1,
                        "CREATE TABLE things (tenant_id TEXT NOT NULL, id TEXT NOT NULL, n INTEGER, bytes BLOB,"
                        " PRIMARY KEY (tenant_id, id)) STRICT;"
                        "CREATE TABLE parts (tenant_id TEXT NOT NULL, id TEXT NOT NULL, thing_id TEXT NOT NULL,"
                        " PRIMARY KEY (tenant_id, id),"
                        " FOREIGN KEY (tenant_id, thing_id) REFERENCES things (tenant_id, id)) STRICT;"};

template <class F>
Error errorOf(F&& f) {
    try {
        f();
    } catch (const Error& error) {
        return error;
    }
    return Error(Code::Ok, "none", "nothing was thrown");
}

void add(Tx& tx, const std::string& id, std::int64_t n) {
    tx.exec("INSERT INTO things (tenant_id, id, n) VALUES (:tenant, ?1, ?2)", id, n);
}

std::int64_t count(Database& db, const TenantId& tenant) {
    return db.read(tenant,
                   [](Tx& tx) { return tx.one("SELECT count(*) FROM things WHERE tenant_id = :tenant")->integer(0); });
}

}  // namespace

class DatabaseTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DatabaseTest);
    CPPUNIT_TEST(keepsEveryTypeOfValue);
    CPPUNIT_TEST(refusesAStatementWithoutTenant);
    CPPUNIT_TEST(refusesTwoStatementsAndWrongArguments);
    CPPUNIT_TEST(keepsTenantsApart);
    CPPUNIT_TEST(aReferenceAcrossTenantsIsImpossible);
    CPPUNIT_TEST(aFailingClosureUndoesOnlyItself);
    CPPUNIT_TEST(manyWritersLoseNothing);
    CPPUNIT_TEST(aStartedWriteGoesOnByItself);
    CPPUNIT_TEST(nobodyWaitsForALaterWrite);
    CPPUNIT_TEST(whatWasAnsweredIsInTheFiles);
    CPPUNIT_TEST(anotherProgramThatLooksInHarmsNothing);
    CPPUNIT_TEST(aFullDiskIsSaidAndUndone);
    CPPUNIT_TEST(aFullDiskIsKnownUntilThereIsRoom);
    CPPUNIT_TEST(everyConnectionHasItsPragmas);
    CPPUNIT_TEST(listenersHearOfTenantsWithEvents);
    CPPUNIT_TEST(runsAfterCommitOnlyWhenCommitted);
    CPPUNIT_TEST(readersCannotWriteAndSeeOneSnapshot);
    CPPUNIT_TEST(refusesANestedWrite);
    CPPUNIT_TEST(survivesReopening);
    CPPUNIT_TEST(refusesANewerOrChangedSchema);
    CPPUNIT_TEST(aFailingMigrationChangesNothing);
    CPPUNIT_TEST(refusesAFileThatIsNoDatabaseAndLeavesIt);
    CPPUNIT_TEST(refusesADamagedFile);
    CPPUNIT_TEST(truncatedLogHoldsNoDeletedBytes);
    CPPUNIT_TEST(keepsItsFilesToItself);
    CPPUNIT_TEST_SUITE_END();

    tests::TempDir dir_;
    std::unique_ptr<Database> db_;

    Database::Options options(std::vector<Migration> migrations = {kThings}) {
        return {dir_ / "test.db", std::move(migrations), 2};
    }

public:
    void setUp() override { db_ = std::make_unique<Database>(options()); }

    void keepsEveryTypeOfValue() {
        const std::string bytes("a\0b\xff", 4);
        db_->write(kOne, [&](Tx& tx) {
            tx.exec("INSERT INTO things (tenant_id, id, n, bytes) VALUES (:tenant, ?1, ?2, ?3)", std::string("x\0y", 3),
                    std::optional<std::int64_t>(), Blob{bytes});
        });
        const auto row = db_->read(kOne, [](Tx& tx) {
            return tx.one("SELECT id, n, bytes, 0.5, ?1, ?2 FROM things WHERE tenant_id = :tenant", "", fromMillis(7));
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, row->text(0).size());
        CPPUNIT_ASSERT(row->isNull(1) && !row->optInteger(1));
        CPPUNIT_ASSERT(row->blob(2) == bytes);
        CPPUNIT_ASSERT_EQUAL(0.5, row->real(3));
        CPPUNIT_ASSERT(!row->isNull(4) && row->text(4).empty());
        CPPUNIT_ASSERT(row->instant(5) == fromMillis(7));
        CPPUNIT_ASSERT_THROW(row->text(3), Error);
        CPPUNIT_ASSERT_THROW(row->text(6), Error);
    }
    void refusesAStatementWithoutTenant() {
        const Error error = errorOf([&] { db_->read(kOne, [](Tx& tx) { tx.query("SELECT * FROM things"); }); });
        CPPUNIT_ASSERT_EQUAL(std::string("tenant_rule"), error.reason());
        CPPUNIT_ASSERT_EQUAL(std::string("tenant_rule"), errorOf([&] { db_->read(TenantId(), [](Tx&) {}); }).reason());
    }
    void refusesTwoStatementsAndWrongArguments() {
        for (const char* sql :
             {"DELETE FROM things WHERE tenant_id = :tenant; DELETE FROM parts", "", "SELECT ?1, ?2, :tenant",
              "SELECT ?, :tenant", "SELECT 1 FROM nowhere WHERE :tenant = ?1"})
            CPPUNIT_ASSERT_MESSAGE(
                sql, errorOf([&] { db_->write(kOne, [&](Tx& tx) { tx.exec(sql, 1); }); }).code() == Code::Internal);
        // A literal that looks like a parameter is no parameter.
        CPPUNIT_ASSERT_EQUAL(std::string("?:tenant"), db_->read(kOne, [](Tx& tx) {
            return tx.one("SELECT '?:tenant' WHERE :tenant <> ''")->text(0);
        }));
    }
    void keepsTenantsApart() {
        db_->write(kOne, [](Tx& tx) { add(tx, "same", 1); });
        db_->write(kTwo, [](Tx& tx) { add(tx, "same", 2); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db_->write(kTwo, [](Tx& tx) {
            return tx.exec("DELETE FROM things WHERE id = ?1 AND tenant_id = :tenant", "same");
        }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count(*db_, kOne));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count(*db_, kTwo));
    }
    void aReferenceAcrossTenantsIsImpossible() {
        db_->write(kOne, [](Tx& tx) { add(tx, "thing", 1); });
        const auto link = [](Tx& tx) {
            tx.exec("INSERT INTO parts (tenant_id, id, thing_id) VALUES (:tenant, 'p', 'thing')");
        };
        CPPUNIT_ASSERT(errorOf([&] { db_->write(kTwo, link); }).code() == Code::Conflict);
        db_->write(kOne, link);
    }
    void aFailingClosureUndoesOnlyItself() {
        // The first closure holds the writer until the other two wait, so that all three form at most two groups.
        std::atomic<int> waiting{0};
        const auto writer = [&](int n, bool fail) {
            return std::thread([&, n, fail] {
                ++waiting;
                const Error error = errorOf([&] {
                    db_->write(kOne, [&](Tx& tx) {
                        add(tx, "row" + std::to_string(n), n);
                        if (fail) throw Error(Code::Invalid, "wanted", "this one fails");
                    });
                });
                CPPUNIT_ASSERT_EQUAL(std::string(fail ? "wanted" : "none"), error.reason());
            });
        };
        std::vector<std::thread> threads;
        db_->write(kOne, [&](Tx& tx) {
            for (int n = 0; n < 8; ++n) threads.push_back(writer(n, n % 2 == 1));
            while (waiting < 8) std::this_thread::yield();
            add(tx, "first", 0);
        });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, count(*db_, kOne));
    }
    void manyWritersLoseNothing() {
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i)
                    db_->write(kOne, [&](Tx& tx) { add(tx, std::to_string(t) + "/" + std::to_string(i), i); });
            });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{400}, count(*db_, kOne));
    }
    void aStartedWriteGoesOnByItself() {
        std::atomic<bool> go_on{false};
        const auto first = db_->startWrite(kOne, [&](Tx& tx) {
            go_on.wait(false);
            add(tx, "first", 1);
        });
        const auto twice = db_->startWrite(kOne, [](Tx& tx) { add(tx, "first", 2); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count(*db_, kOne));
        go_on = true;
        go_on.notify_all();
        first->wait();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count(*db_, kOne));
        CPPUNIT_ASSERT_EQUAL(Code::Conflict, errorOf([&] { twice->wait(); }).code());
        bool ran = false;
        static_cast<void>(db_->startWrite(kOne, [&](Tx&) { ran = true; }));
        CPPUNIT_ASSERT_MESSAGE("whoever drops it waits, too", ran);
    }
    void nobodyWaitsForALaterWrite() {
        db_->writeLater(kOne, [](Tx& tx) { add(tx, "a", 1); });
        db_->writeLater(kOne, [](Tx& tx) { add(tx, "a", 2); });  // fails, which is logged
        db_->writeLater(kTwo, [](Tx& tx) { add(tx, "b", 1); });
        db_->settle();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count(*db_, kOne));
        db_->writeLater(kTwo, [](Tx& tx) { add(tx, "c", 1); });
        db_.reset();  // finishes what was accepted
        setUp();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, count(*db_, kTwo));
    }
    void whatWasAnsweredIsInTheFiles() {
        db_->write(kOne, [](Tx& tx) { add(tx, "answered", 1); });
        // What a machine finds after losing power now.
        std::filesystem::create_directory(dir_ / "copy");
        for (const char* name : {"test.db", "test.db-wal"})
            std::filesystem::copy_file(dir_ / name, dir_ / "copy" / name);
        Database after({dir_ / "copy" / "test.db", {kThings}, 1});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count(after, kOne));
    }
    // It must find our locks, or it deletes the log when it leaves, with everything written since the last checkpoint.
    void anotherProgramThatLooksInHarmsNothing() {
        const tests::TempDir folder;
        Database db({folder / "test.db", {kThings}, 3});
        const auto outside = [&] {
            const std::string command = "sqlite3 '" + (folder / "test.db").string() +
                                        "' 'SELECT count(*) FROM things' > '" + (folder / "count").string() + "'";
            CPPUNIT_ASSERT_EQUAL(0, std::system(command.c_str()));
            return readFile(folder / "count");
        };
        db.write(kOne, [](Tx& tx) { add(tx, "a", 1); });
        CPPUNIT_ASSERT_EQUAL(std::string("1\n"), outside());
        CPPUNIT_ASSERT(std::filesystem::exists(folder / "test.db-wal"));
        db.write(kOne, [](Tx& tx) { add(tx, "b", 2); });
        CPPUNIT_ASSERT_EQUAL(std::string("2\n"), outside());
    }
    void aFullDiskIsSaidAndUndone() {
        const auto limit = [&](std::int64_t pages) {
            db_->writeSystem("the file is all tenants'", [&](SystemTx& tx) {
                const std::int64_t used = tx.one("PRAGMA page_count")->integer(0);
                tx.query("PRAGMA max_page_count = " + std::to_string(used + pages));
            });
        };
        const std::string big(100'000, 'x');
        const auto fill = [&] {
            db_->write(kOne, [&](Tx& tx) {
                add(tx, "small", 1);
                add(tx, big, 1);
            });
        };
        limit(2);
        const Error error = errorOf(fill);
        CPPUNIT_ASSERT_EQUAL(std::string("disk_full"), error.reason());
        CPPUNIT_ASSERT(error.code() == Code::Unavailable && error.retryAfterMs() > 0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count(*db_, kOne));
        CPPUNIT_ASSERT(!db_->full());  // a small change still fits
        errorOf(fill);
        limit(1000);
        CPPUNIT_ASSERT(!db_->full());
        fill();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, count(*db_, kOne));
    }
    // A disk of one MiB, in a mount namespace of this thread's own: who may not have one sees that it was not tried.
    void aFullDiskIsKnownUntilThereIsRoom() {
        const std::string place = (dir_ / "small").string(), filler = place + "/filler";
        std::filesystem::create_directory(place);
        std::string found = "not tried";
        std::thread([&] {
            if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                ::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=1m") != 0)
                return;
            const auto word = [](bool full) { return full ? "full " : "room "; };
            Database small({place + "/test.db", {kThings}, 1});
            found = word(small.full());
            { std::ofstream(filler) << std::string(2 << 20, 'x'); }
            found += errorOf([&] { small.write(kOne, [](Tx& tx) { add(tx, std::string(20'000, 'x'), 1); }); }).reason();
            found += std::string(" ") + word(small.full()) + std::to_string(count(small, kOne)) + " ";
            std::filesystem::remove(filler);
            found += word(small.full());
            small.write(kOne, [](Tx& tx) { add(tx, "a", 1); });
            found += std::to_string(count(small, kOne));
        }).join();
        if (found == "not tried")
            std::cerr << " not tried: no mount namespace can be made here";
        else
            CPPUNIT_ASSERT_EQUAL(std::string("room disk_full full 0 room 1"), found);
    }
    void everyConnectionHasItsPragmas() {
        const auto read = [](SystemTx& tx) {
            std::string values;
            for (const char* name :
                 {"foreign_keys", "trusted_schema", "cell_size_check", "wal_autocheckpoint", "temp_store"})
                values += std::to_string(tx.one(std::string("PRAGMA ") + name)->integer(0)) + " ";
            return values;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("1 0 1 0 2 "), db_->readSystem("pragmas are no tenant's", read));
        CPPUNIT_ASSERT_EQUAL(std::string("1 0 1 0 2 "), db_->writeSystem("pragmas are no tenant's", read));
        db_->writeSystem("pragmas are no tenant's", [](SystemTx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::string("wal"), tx.one("PRAGMA journal_mode")->text(0));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, tx.one("PRAGMA synchronous")->integer(0));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, tx.one("PRAGMA secure_delete")->integer(0));
        });
    }
    void listenersHearOfTenantsWithEvents() {
        std::string heard;
        db_->onEvents([&](const TenantId& tenant) { heard += tenant.str() + " "; });
        const auto append = [](Tx& tx) {
            appendEvent(tx, CallContext::system(tx.tenant(), "test"), {"a", "b", "c", Json::object()}, fromMillis(0));
        };
        db_->write(kOne, [&](Tx& tx) {
            append(tx);
            append(tx);
        });
        db_->write(kTwo, [](Tx& tx) { add(tx, "no event", 1); });
        errorOf([&] {
            db_->write(kTwo, [&](Tx& tx) {
                append(tx);
                throw Error(Code::Invalid, "wanted", "undone");
            });
        });
        CPPUNIT_ASSERT_EQUAL(std::string("tenant-one "), heard);
    }
    void runsAfterCommitOnlyWhenCommitted() {
        int woken = 0;
        db_->write(kOne, [&](Tx& tx) { tx.afterCommit([&] { ++woken; }); });
        CPPUNIT_ASSERT_EQUAL(1, woken);
        errorOf([&] {
            db_->write(kOne, [&](Tx& tx) {
                tx.afterCommit([&] { ++woken; });
                throw Error(Code::Invalid, "wanted", "undone");
            });
        });
        CPPUNIT_ASSERT_EQUAL(1, woken);
        CPPUNIT_ASSERT_THROW(db_->read(kOne, [&](Tx& tx) { tx.afterCommit([] {}); }), Error);
    }
    void readersCannotWriteAndSeeOneSnapshot() {
        CPPUNIT_ASSERT(errorOf([&] { db_->read(kOne, [](Tx& tx) { add(tx, "x", 1); }); }).code() == Code::Internal);
        db_->read(kOne, [&](Tx& tx) {
            const auto now = [&] {
                return tx.one("SELECT count(*) FROM things WHERE tenant_id = :tenant")->integer(0);
            };
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, now());
            db_->write(kOne, [](Tx& inner) { add(inner, "later", 1); });
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, now());
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count(*db_, kOne));
    }
    void refusesANestedWrite() {
        const Error error = errorOf([&] { db_->write(kOne, [&](Tx&) { db_->write(kOne, [](Tx&) {}); }); });
        CPPUNIT_ASSERT_EQUAL(std::string("nested_write"), error.reason());
    }
    void survivesReopening() {
        db_->write(kOne, [](Tx& tx) { add(tx, "kept", 1); });
        db_.reset();
        setUp();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count(*db_, kOne));
    }
    void refusesANewerOrChangedSchema() {
        db_.reset();
        CPPUNIT_ASSERT_EQUAL(std::string("database_newer"), errorOf([&] { Database older(options({})); }).reason());
        Migration changed = kThings;
        changed.sql += " ";
        CPPUNIT_ASSERT_EQUAL(std::string("migration_changed"),
                             errorOf([&] { Database other(options({changed})); }).reason());
        setUp();
    }
    void aFailingMigrationChangesNothing() {
        db_.reset();
        const Migration broken{"test", 2,
                               "CREATE TABLE extra (x INTEGER) STRICT; CREATE TABLE broken (x NONSENSE) STRICT;"};
        CPPUNIT_ASSERT(errorOf([&] { Database db(options({kThings, broken})); }).code() == Code::Internal);
        setUp();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db_->readSystem("the schema is no tenant's", [](SystemTx& tx) {
            return tx.one("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'")->integer(0);
        }));
    }
    void refusesAFileThatIsNoDatabaseAndLeavesIt() {
        const auto file = dir_ / "notes.txt";
        std::ofstream(file) << "these are somebody's notes, not a database";
        const Error error = errorOf([&] { Database db({file, {}, 1}); });
        CPPUNIT_ASSERT_EQUAL(std::string("database_corrupt"), error.reason());
        CPPUNIT_ASSERT(std::string(error.what()).find("restore the latest backup") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("these are somebody's notes, not a database"), readFile(file));
    }
    void refusesADamagedFile() {
        db_->write(kOne, [](Tx& tx) {
            for (int i = 0; i < 500; ++i) add(tx, "a rather long identifier " + std::to_string(i), i);
        });
        db_.reset();
        std::string bytes = readFile(dir_ / "test.db");
        for (std::size_t at = 4096; at + 16 < bytes.size(); at += 512) bytes.replace(at, 16, 16, '\x7f');
        std::ofstream(dir_ / "test.db", std::ios::binary) << bytes;
        CPPUNIT_ASSERT_EQUAL(std::string("database_corrupt"), errorOf([&] { setUp(); }).reason());
        CPPUNIT_ASSERT(readFile(dir_ / "test.db") == bytes);
    }
    void truncatedLogHoldsNoDeletedBytes() {
        const auto holds = [&] {
            const std::string canary = "canary-5e1f";
            std::error_code absent;
            const bool in_log = std::filesystem::exists(dir_ / "test.db-wal", absent) &&
                                readFile(dir_ / "test.db-wal").find(canary) != std::string::npos;
            return in_log || readFile(dir_ / "test.db").find(canary) != std::string::npos;
        };
        db_->write(kOne, [](Tx& tx) { add(tx, "canary-5e1f", 1); });
        CPPUNIT_ASSERT(holds());
        db_->write(kOne, [](Tx& tx) { tx.exec("DELETE FROM things WHERE tenant_id = :tenant"); });
        CPPUNIT_ASSERT(holds());
        db_->checkpointTruncate();
        CPPUNIT_ASSERT(!holds());
    }
    void keepsItsFilesToItself() {
        using std::filesystem::perms;
        CPPUNIT_ASSERT((std::filesystem::status(dir_ / "test.db").permissions() &
                        (perms::group_all | perms::others_all)) == perms::none);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseTest);
