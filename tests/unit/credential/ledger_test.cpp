// SPDX-License-Identifier: Apache-2.0
// What is put back into the database, row or whole, is known for what it is.
#include "host/credential/ledger.h"

#include "host/base/fd.h"
#include "host/credential/grants.h"
#include "host/credential/migrations.h"
#include "host/storage/copy.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

class LedgerTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(LedgerTest);
    CPPUNIT_TEST(V6_anOldRowPutBackIsRefused);
    CPPUNIT_TEST(V6_anOldDatabaseIsReported);
    CPPUNIT_TEST(V14_whatWasRemovedGoesAgain);
    CPPUNIT_TEST(V14_withoutALedgerRestoredConnectionsWait);
    CPPUNIT_TEST(anOldTokenStillEndsAtTheProvider);
    CPPUNIT_TEST(removalsOfOlderVersionsAreTakenOver);
    CPPUNIT_TEST(aLineCutShortIsDropped);
    CPPUNIT_TEST(aLedgerThatCannotBeWrittenStopsNothing);
    CPPUNIT_TEST_SUITE_END();

    fs::path data() const { return root_ / "data"; }
    void keepCopy() {
        vault_.reset();
        fs::copy_file(data() / "vault.db", root_ / "copy.db", fs::copy_options::overwrite_existing);
        restart();
    }
    void putBack() {
        vault_.reset();
        for (const char* file : {"vault.db-wal", "vault.db-shm"}) fs::remove(data() / file);
        fs::copy_file(root_ / "copy.db", data() / "vault.db", fs::copy_options::overwrite_existing);
    }
    std::string stateOf(const ConnectionId& id) { return vault_->connection(tenant_, id).state; }
    void assertPutBack(const std::string& words) {
        const std::string told = vault_->status().put_back;
        CPPUNIT_ASSERT_MESSAGE(told, told.find(words) != std::string::npos);
    }

    void V6_anOldRowPutBackIsRefused() {
        const ConnectionId id = connect("google-contacts").connection;
        vault_.reset();
        const auto grantIn = [&](storage::Database& db) {
            return db.read(tenant_, [&](storage::Tx& tx) { return *findGrant(tx, id); });
        };
        std::optional<GrantRow> old;
        {
            storage::Database db({data() / "vault.db", migrations(), 1});
            old = grantIn(db);
        }
        restart();
        CPPUNIT_ASSERT_EQUAL(id.str(), connect("google-contacts").connection.str());
        vault_.reset();
        {
            storage::Database db({data() / "vault.db", migrations(), 1});
            CPPUNIT_ASSERT(grantIn(db).version > old->version);
            db.write(tenant_, [&](storage::Tx& tx) { putGrant(tx, id, *old); });
            KeyRing keys(data() / "vault.key", SecretBytes(), db, clock_);
            Ledger ledger(data() / "ledger");
            Grants grants(keys, ledger);
            const ConnectionRow row = db.read(tenant_, [&](storage::Tx& tx) { return *findConnection(tx, id); });
            CPPUNIT_ASSERT_EQUAL(std::string("record_old"), reasonOf([&] { grants.openToken(row, grantIn(db)); }));
        }
        restart();
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
        assertPutBack("1 connection must be connected again");
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), reasonOf([&] { get(id); }));
        connect("google-contacts");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
        restart();
        CPPUNIT_ASSERT_EQUAL(std::string(), vault_->status().put_back);
    }
    void V6_anOldDatabaseIsReported() {
        const ConnectionId same = connect("google-contacts").connection,
                           renewed = connect("google-calendar").connection;
        keepCopy();
        CPPUNIT_ASSERT_EQUAL(std::string(), vault_->status().put_back);
        connect("google-calendar");
        connect("google-contacts", "yan");
        putBack();
        restart();
        assertPutBack("1 connection must be connected again");
        assertPutBack("1 connection made later not in it");
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(same));
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(renewed));
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), vault_->log(tenant_, user_, 1).at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(same).head.integer("status"));
    }
    void V14_whatWasRemovedGoesAgain() {
        const ConnectionId gone = connect("google-contacts").connection;
        keepCopy();
        disconnect(gone);
        putBack();
        fs::remove(data() / "erased.log");
        restart();
        assertPutBack("1 connection that had been removed since went again");
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
        restart();
        CPPUNIT_ASSERT_EQUAL(std::string(), vault_->status().put_back);
    }
    void V14_withoutALedgerRestoredConnectionsWait() {
        const ConnectionId id = connect("google-contacts").connection;
        keepCopy();
        disconnect(id);
        putBack();
        fs::remove(data() / "ledger");
        writeFileDurably(data() / storage::kRestoredMark, "2026-11-20", 0600);
        restart();
        CPPUNIT_ASSERT(!fs::exists(data() / storage::kRestoredMark));
        const ConnectionInfo info = vault_->connection(tenant_, id);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), info.state);
        CPPUNIT_ASSERT_MESSAGE(info.problem, info.problem.find("backup of 2026-11-20") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), reasonOf([&] { get(id); }));
        vault_->maintain();
        clock_.advance(std::chrono::hours(48));
        vault_->maintain();  // the heartbeat does not wake it, either
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
    }
    void anOldTokenStillEndsAtTheProvider() {
        const ConnectionId id = connect("google-contacts").connection;
        keepCopy();
        connect("google-contacts");
        putBack();
        restart();
        int revoked = 0;
        google_->on_revoke = [&](const FakeGoogle::Request&, const std::string&) {
            ++revoked;
            return FakeGoogle::json(200, Json::object());
        };
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), disconnect(id).revoked);
        CPPUNIT_ASSERT_EQUAL(1, revoked);
    }
    void removalsOfOlderVersionsAreTakenOver() {
        const ConnectionId id = connect("google-contacts").connection;
        vault_.reset();
        fs::remove(data() / "ledger");
        writeFileDurably(data() / "erased.log", tenant_.str() + " " + id.str() + "\n", 0600);
        restart();
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
        CPPUNIT_ASSERT(!fs::exists(data() / "erased.log"));
    }
    void aLineCutShortIsDropped() {
        const fs::path file = root_ / "a-ledger";
        writeFileDurably(file, "t one 3\nt two\nt on", 0600);
        {
            Ledger ledger(file);
            CPPUNIT_ASSERT_EQUAL(std::int64_t(3), ledger.version(TenantId("t"), ConnectionId("one")));
            CPPUNIT_ASSERT_EQUAL(Ledger::kRemoved, ledger.version(TenantId("t"), ConnectionId("two")));
            CPPUNIT_ASSERT_EQUAL(std::int64_t(0), ledger.version(TenantId("t"), ConnectionId("on")));
            ledger.add({{TenantId("t"), ConnectionId("one"), 2}, {TenantId("t"), ConnectionId("three"), 1}});
        }
        CPPUNIT_ASSERT_EQUAL(std::string("t one 3\nt two\nt three 1\n"), readFile(file));
    }
    void aLedgerThatCannotBeWrittenStopsNothing() {
        vault_.reset();
        fs::remove(data() / "ledger");
        restart();
        fs::create_directories(data() / "ledger" / "in the way");
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), disconnect(id).revoked);
        vault_.reset();
        fs::remove_all(data() / "ledger");
        restart();  // now it is written, from the database's own record of what was removed
        CPPUNIT_ASSERT(readFile(data() / "ledger").find(id.str() + "\n") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LedgerTest);
