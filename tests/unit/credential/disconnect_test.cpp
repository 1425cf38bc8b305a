// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "host/base/fd.h"
#include "host/credential/migrations.h"
#include "host/storage/database.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class DisconnectTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(DisconnectTest);
    CPPUNIT_TEST(lastPluginRevokesAtTheProvider);
    CPPUNIT_TEST(sharedAccountStaysForTheOtherPlugin);
    CPPUNIT_TEST(wholeAccountGoesAtOnce);
    CPPUNIT_TEST(anotherUsersConnectionCannotBeRemoved);
    CPPUNIT_TEST(anAccountOfTwoPeopleStaysForTheOther);
    CPPUNIT_TEST(anAccountOfTwoTenantsStaysForTheOther);
    CPPUNIT_TEST(theAccountsOwnerMayEndItForEveryone);
    CPPUNIT_TEST(nothingStoredLinksTwoTenants);
    CPPUNIT_TEST(connectedAgainMeanwhileItIsNotRevoked);
    CPPUNIT_TEST(unreachableProviderIsToldLater);
    CPPUNIT_TEST(afterADayTheTokenGoesUntold);
    CPPUNIT_TEST(userMayChooseNotToWait);
    CPPUNIT_TEST(alreadyRevokedCountsAsConfirmed);
    CPPUNIT_TEST(V13_sealedBytesLeaveTheDisk);
    CPPUNIT_TEST(V14_restoredBackupDoesNotBringItBack);
    CPPUNIT_TEST_SUITE_END();

    void unreachable() {
        google_->on_revoke = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
            throw Error(Code::Unavailable, "http_not_sent", "no route");
        };
    }
    template <class F>
    auto inDatabase(F&& f) {
        storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
        return database.read(tenant_, f);
    }

    void lastPluginRevokesAtTheProvider() {
        const ConnectionId id = connect("google-contacts").connection;
        const Receipt receipt = disconnect(id);
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), receipt.revoked);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
        CPPUNIT_ASSERT(receipt.number.starts_with("R-20261121-") && receipt.number.size() == 19);
        CPPUNIT_ASSERT_EQUAL(id.str(), receipt.removed.at(0).connection.str());
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), reasonOf([&] { get(id); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), reasonOf([&] { disconnect(id); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
        CPPUNIT_ASSERT_EQUAL(std::string("revokeConfirmed"), vault_->log(tenant_, user_, 1).at(0).kind);
    }
    void sharedAccountStaysForTheOtherPlugin() {
        const ConnectionId contacts = connect("google-contacts").connection;
        const ConnectionId calendar = connect("google-calendar").connection;
        connect("google-calendar", "other-account");
        CPPUNIT_ASSERT_EQUAL(std::string("shared"), disconnect(calendar).revoked);
        CPPUNIT_ASSERT_EQUAL(0, google_->revocations.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(contacts).head.integer("status"));
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), disconnect(contacts).revoked);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
    }
    void wholeAccountGoesAtOnce() {
        connect("google-contacts");
        connect("google-calendar");
        const Receipt receipt = vault_->disconnect({tenant_, user_, ConnectionId(), "zoe@example.com", true});
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), receipt.removed.size());
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), receipt.revoked);
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
        CPPUNIT_ASSERT_EQUAL(1, google_->revocations.load());  // one token ends them all
    }
    void anotherUsersConnectionCannotBeRemoved() {
        const ConnectionId id = connect("google-contacts").connection;
        const auto remove = [&](TenantId tenant, UserId user) {
            return reasonOf([&] { vault_->disconnect({tenant, user, id, "", true}); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), remove(tenant_, UserId("user-2")));
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), remove(TenantId("tenant-b"), user_));
        CPPUNIT_ASSERT_EQUAL(std::string("disconnect"), remove(tenant_, UserId()));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
    }
    // Somebody else, in whatever tenant, connects an account of that subject.
    ConnectionId connectAs(const char* tenant, const char* user, const char* subject = "zoe") {
        BeginRequest request = beginRequest("google-contacts");
        request.tenant = TenantId(tenant);
        request.user = UserId(user);
        const std::string url = vault_->begin(request).authorization_url;
        return vault_->complete(answer(url, google_->consent(url, subject))).connection;
    }
    Receipt disconnectAs(const char* tenant, const char* user, const ConnectionId& id, bool for_everyone = false) {
        return vault_->disconnect({TenantId(tenant), UserId(user), id, "", true, for_everyone});
    }
    void anAccountOfTwoPeopleStaysForTheOther() {
        const ConnectionId mine = connect("google-contacts").connection;
        CPPUNIT_ASSERT(!vault_->isShared(tenant_, mine));
        const ConnectionId theirs = connectAs("tenant-a", "user-2");
        CPPUNIT_ASSERT(vault_->isShared(tenant_, mine));
        CPPUNIT_ASSERT_EQUAL(std::string("sharedHere"), disconnect(mine).revoked);
        CPPUNIT_ASSERT_EQUAL(0, google_->revocations.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), reasonOf([&] { get(mine); }));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(tenant_, theirs).state);
        CPPUNIT_ASSERT(!vault_->isShared(tenant_, theirs));
        // The last one ends it at the provider.
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), disconnectAs("tenant-a", "user-2", theirs).revoked);
        CPPUNIT_ASSERT_EQUAL(1, google_->revocations.load());
    }
    void anAccountOfTwoTenantsStaysForTheOther() {
        const ConnectionId mine = connect("google-contacts").connection;
        connectAs("tenant-b", "user-1", "somebody-else");
        CPPUNIT_ASSERT(!vault_->isShared(tenant_, mine));
        const ConnectionId theirs = connectAs("tenant-c", "user-9");
        CPPUNIT_ASSERT(vault_->isShared(tenant_, mine));
        CPPUNIT_ASSERT_EQUAL(std::string("sharedHere"), disconnect(mine).revoked);
        CPPUNIT_ASSERT_EQUAL(0, google_->revocations.load());
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), disconnectAs("tenant-c", "user-9", theirs).revoked);
    }
    void theAccountsOwnerMayEndItForEveryone() {
        const ConnectionId contacts = connect("google-contacts").connection;
        const ConnectionId calendar = connect("google-calendar").connection;
        connectAs("tenant-b", "user-2");
        // One's own other plugin keeps the account all the same.
        CPPUNIT_ASSERT_EQUAL(std::string("shared"), disconnectAs("tenant-a", "user-1", calendar, true).revoked);
        unreachable();
        CPPUNIT_ASSERT_EQUAL(std::string("pending"), disconnectAs("tenant-a", "user-1", contacts, true).revoked);
        google_->on_revoke = nullptr;
        clock_.advance(2min);
        vault_->maintain();  // told later, although the other still uses it
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
    }
    void nothingStoredLinksTwoTenants() {
        const ConnectionId mine = connect("google-contacts").connection;
        connectAs("tenant-b", "user-1");
        vault_.reset();
        storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
        const auto keysOf = [&](const char* tenant) {
            return database.read(TenantId(tenant), [](storage::Tx& tx) {
                const auto row =
                    tx.one("SELECT subject_key, email_key, account_id FROM connections WHERE tenant_id = :tenant");
                return std::set<std::string>{row->text(0), row->text(1), row->text(2)};
            });
        };
        for (const std::string& key : keysOf("tenant-a")) CPPUNIT_ASSERT(!keysOf("tenant-b").contains(key));
    }
    void connectedAgainMeanwhileItIsNotRevoked() {
        const ConnectionId id = connect("google-contacts").connection;
        unreachable();
        CPPUNIT_ASSERT_EQUAL(std::string("pending"), disconnect(id).revoked);
        google_->on_revoke = nullptr;
        const ConnectionId again = connectAs("tenant-b", "user-2");
        clock_.advance(2min);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
        CPPUNIT_ASSERT(google_->revoked.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("revokeUnconfirmed"), vault_->log(tenant_, user_, 1).at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(TenantId("tenant-b"), again).state);
    }
    void unreachableProviderIsToldLater() {
        const ConnectionId id = connect("google-contacts").connection;
        unreachable();
        CPPUNIT_ASSERT_EQUAL(std::string("pending"), disconnect(id).revoked);
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), reasonOf([&] { get(id); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().pending_revocations);
        restart();  // the record outlives the process
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(2, google_->revocations.load());  // not yet due: only the two at once
        clock_.advance(1min);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().pending_revocations);
        google_->on_revoke = nullptr;
        clock_.advance(1h);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
    }
    void afterADayTheTokenGoesUntold() {
        const ConnectionId id = connect("google-contacts").connection;
        unreachable();
        const Receipt receipt = disconnect(id);
        clock_.advance(24h);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
        CPPUNIT_ASSERT_EQUAL(std::string("revokeUnconfirmed"), vault_->log(tenant_, user_, 1).at(0).kind);
        vault_.reset();
        const std::string revoked = inDatabase([&](storage::Tx& tx) {
            return tx.one("SELECT revoked FROM receipts WHERE tenant_id = :tenant AND number = ?1", receipt.number)
                ->text(0);
        });
        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), revoked);
    }
    void userMayChooseNotToWait() {
        const ConnectionId id = connect("google-contacts").connection;
        unreachable();
        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), disconnect(id, false).revoked);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
    }
    void alreadyRevokedCountsAsConfirmed() {
        const ConnectionId id = connect("google-contacts").connection;
        google_->on_revoke = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(400, Json::object({{"error", "invalid_token"}}));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), disconnect(id).revoked);
    }
    void V13_sealedBytesLeaveTheDisk() {
        const ConnectionId id = connect("google-contacts").connection;
        vault_.reset();
        const std::string sealed = inDatabase([&](storage::Tx& tx) {
            return tx.one("SELECT token_sealed FROM grants WHERE tenant_id = :tenant")->blob(0).substr(100, 64);
        });
        restart();
        CPPUNIT_ASSERT(onDisk(sealed));
        disconnect(id);
        CPPUNIT_ASSERT(!onDisk(sealed));
    }
    void V14_restoredBackupDoesNotBringItBack() {
        const ConnectionId gone = connect("google-contacts").connection;
        const ConnectionId kept = connect("google-calendar").connection;
        vault_.reset();
        fs::copy(root_ / "data" / "vault.db", root_ / "backup.db");
        restart();
        disconnect(gone);
        vault_.reset();
        for (const char* file : {"vault.db", "vault.db-wal", "vault.db-shm"}) fs::remove(root_ / "data" / file);
        fs::copy(root_ / "backup.db", root_ / "data" / "vault.db");
        restart();
        const auto all = vault_->connections(tenant_, user_);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), all.size());
        CPPUNIT_ASSERT_EQUAL(kept.str(), all.at(0).id.str());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DisconnectTest);
