// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <thread>

#include "host/credential/migrations.h"
#include "host/storage/database.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;

class TokenTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(TokenTest);
    CPPUNIT_TEST(aFreshTokenIsUsedAgain);
    CPPUNIT_TEST(aTokenIsRenewedBeforeItEnds);
    CPPUNIT_TEST(V18_manyThreadsMakeOneRequest);
    CPPUNIT_TEST(waitersShareTheFailure);
    CPPUNIT_TEST(V19_invalidGrantEndsTheConnection);
    CPPUNIT_TEST(V19_sevenDaysOfTestingAreExplained);
    CPPUNIT_TEST(V19_limitedTimeIsExplained);
    CPPUNIT_TEST(reauthenticationKeepsTheGrant);
    CPPUNIT_TEST(V21_serverErrorsNeverEndIt);
    CPPUNIT_TEST(backsOffAfterServerErrors);
    CPPUNIT_TEST(refusedClientIsTheOperatorsMatter);
    CPPUNIT_TEST(rotatedRefreshTokenIsKept);
    CPPUNIT_TEST(rotatedRefreshTokenIsKeptThoughItCannotBeStoredAtOnce);
    CPPUNIT_TEST(narrowedScopesAreNoticed);
    CPPUNIT_TEST(V22_refreshThatLosesToADisconnect);
    CPPUNIT_TEST(V22_refreshThatLosesToAReconnect);
    CPPUNIT_TEST(V22_lateTokenIsRevokedOnceTheProviderAnswers);
    CPPUNIT_TEST(V22_lateTokenOfASharedAccountIsNotRevoked);
    CPPUNIT_TEST(scopesAreASetWhateverTheirOrder);
    CPPUNIT_TEST(heartbeatNoticesARevocation);
    CPPUNIT_TEST(connectionsThatFailDoNotHoldUpTheHeartbeat);
    CPPUNIT_TEST(aDamagedTokenAsksItsOwnerAlone);
    CPPUNIT_TEST(aClockSetBackDoesNotProlongAPause);
    CPPUNIT_TEST(V5_scopesEditedInTheDatabaseDoNotOpen);
    CPPUNIT_TEST_SUITE_END();

    ConnectionId connected() { return connect("google-contacts").connection; }
    std::string stateOf(const ConnectionId& id) { return vault_->connection(tenant_, id).state; }
    std::string getReason(const ConnectionId& id) {
        return reasonOf([&] { get(id); });
    }
    void failWith(int status, const char* error, const char* subtype = "") {
        google_->on_token = [=](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(status, Json::object({{"error", error}, {"error_subtype", subtype}}));
        };
    }
    void renewed() { clock_.advance(1h); }
    void flipAByte(const char* column, const ConnectionId& id) {
        vault_.reset();
        storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
        database.write(tenant_, [&](storage::Tx& tx) {
            std::string sealed = tx.one(std::string("SELECT ") + column +
                                            " FROM grants WHERE tenant_id = :tenant AND connection_id = ?1",
                                        id)
                                     ->blob(0);
            sealed[sealed.size() - 20] ^= 1;
            tx.exec(
                std::string("UPDATE grants SET ") + column + " = ?2 WHERE tenant_id = :tenant AND connection_id = ?1",
                id, storage::Blob{sealed});
        });
    }
    // A refresh's answer with a refresh token of its own.
    static FakeGoogle::Response late() {
        return FakeGoogle::json(
            200, Json::object({{"access_token", "ya29.late"}, {"refresh_token", "1//late"}, {"expires_in", 3600}}));
    }

    void aFreshTokenIsUsedAgain() {
        const ConnectionId id = connected();
        get(id);
        get(id);
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
        restart();  // access tokens are in memory only
        get(id);
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
    }
    void aTokenIsRenewedBeforeItEnds() {
        const ConnectionId id = connected();
        clock_.advance(53min);
        get(id);
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
        clock_.advance(2min);  // within five minutes of its end
        get(id);
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
        google_->expires_in = 60;  // a short-lived one is not renewed at every use
        renewed();
        get(id);
        get(id);
        CPPUNIT_ASSERT_EQUAL(2, google_->refreshes.load());
    }
    void V18_manyThreadsMakeOneRequest() {
        constexpr int kThreads = 100;
        const ConnectionId id = connected();
        renewed();
        // The provider answers only once everyone else has had the chance to ask as well.
        std::atomic<int> started{0};
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            while (started < kThreads) std::this_thread::yield();
            return FakeGoogle::json(200, Json::object({{"access_token", "ya29.new"}, {"expires_in", 3600}}));
        };
        VaultConfig wide = config();
        wide.calls_per_plugin_user = wide.calls_per_host = kThreads;
        restart(std::move(wide));
        std::vector<std::thread> threads;
        std::atomic<int> good{0};
        for (int i = 0; i < kThreads; ++i)
            threads.emplace_back([&] {
                ++started;
                if (get(id).head.integer("status") == 200) ++good;
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(kThreads, good.load());
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
        CPPUNIT_ASSERT_EQUAL(std::string("ya29.new"), google_->last_bearer);
    }
    void waitersShareTheFailure() {
        const ConnectionId id = connected();
        renewed();
        std::atomic<int> started{0};
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            while (started < 4) std::this_thread::yield();
            return FakeGoogle::json(503, Json::object());
        };
        std::vector<std::thread> threads;
        std::atomic<int> failed{0};
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                ++started;
                if (getReason(id) == "provider_unavailable") ++failed;
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(4, failed.load());
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
    }
    void V19_invalidGrantEndsTheConnection() {
        const ConnectionId id = connected();
        renewed();
        failWith(400, "invalid_grant");
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), vault_->log(tenant_, user_, 1).at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());  // never asked again
        google_->on_token = nullptr;
        CPPUNIT_ASSERT_EQUAL(id.str(), connected().str());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    std::string problemOf(const ConnectionId& id) { return vault_->connection(tenant_, id).problem; }
    void V19_sevenDaysOfTestingAreExplained() {
        const ConnectionId early = connected();
        clock_.advance(3 * 24h);
        failWith(400, "invalid_grant");
        getReason(early);
        CPPUNIT_ASSERT(problemOf(early).find("Testing") == std::string::npos);
        google_->on_token = nullptr;
        const ConnectionId id = connected();
        clock_.advance(7 * 24h + 1h);
        failWith(400, "invalid_grant");
        vault_->maintain();  // the heartbeat: nobody need ask
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
        for (const char* word : {"seven days", "Testing", "connect again"})
            CPPUNIT_ASSERT_MESSAGE(problemOf(id), problemOf(id).find(word) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(problemOf(id), vault_->log(tenant_, user_, 1).at(0).detail);
    }
    void V19_limitedTimeIsExplained() {
        google_->refresh_expires_in = 24 * 3600;
        const ConnectionId id = connected();
        clock_.advance(24h);
        failWith(400, "invalid_grant");
        getReason(id);
        CPPUNIT_ASSERT_MESSAGE(problemOf(id), problemOf(id).find("limited time") != std::string::npos);
        google_->on_token = nullptr;
        google_->refresh_expires_in = 604'799;  // what Google says in Testing
        connected();
        clock_.advance(7 * 24h);
        failWith(400, "invalid_grant");
        getReason(id);
        CPPUNIT_ASSERT_MESSAGE(problemOf(id), problemOf(id).find("Testing") != std::string::npos);
    }
    void reauthenticationKeepsTheGrant() {
        const ConnectionId id = connected();
        renewed();
        failWith(400, "invalid_grant", "invalid_rapt");
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
    }
    void V21_serverErrorsNeverEndIt() {
        const ConnectionId id = connected();
        renewed();
        const FakeGoogle::Answer answers[] = {
            [](auto&, auto&) {
                return FakeGoogle::json(500, Json::object({{"error", "invalid_grant"}}));
            },
            [](auto&, auto&) { return FakeGoogle::json(429, Json::object()); },
            [](auto&, auto&) {
                return FakeGoogle::Response{200, {}, "<html>busy</html>"};
            },
            [](auto&, auto&) {
                return FakeGoogle::Response{200, {}, "{}"};
            },
            [](auto&, auto&) -> FakeGoogle::Response { throw Error(Code::Deadline, "http_unknown", "timed out"); },
            [](auto&, auto&) -> FakeGoogle::Response { throw Error(Code::Denied, "http_tls", "certificate expired"); }};
        for (const auto& answer : answers) {
            google_->on_token = answer;
            clock_.advance(10min);  // past the back-off
            CPPUNIT_ASSERT_EQUAL(std::string("provider_unavailable"), getReason(id));
            CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        }
        google_->on_token = nullptr;
        clock_.advance(10min);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void backsOffAfterServerErrors() {
        const ConnectionId id = connected();
        renewed();
        failWith(503, "");
        for (int i = 0; i < 20; ++i) CPPUNIT_ASSERT_EQUAL(std::string("provider_unavailable"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
    }
    void refusedClientIsTheOperatorsMatter() {
        const ConnectionId id = connected();
        renewed();
        failWith(401, "invalid_client");
        CPPUNIT_ASSERT_EQUAL(std::string("provider_client"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        CPPUNIT_ASSERT(vault_->status().problem.find("invalid_client") != std::string::npos);
        google_->on_token = nullptr;
        clock_.advance(10min);
        get(id);
        CPPUNIT_ASSERT_EQUAL(std::string(), vault_->status().problem);
    }
    void rotatedRefreshTokenIsKept() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string& body) {
            const bool second = body.find("rotated") != std::string::npos;
            return FakeGoogle::json(200, Json::object({{"access_token", second ? "ya29.second" : "ya29.first"},
                                                       {"refresh_token", "1//rotated"},
                                                       {"expires_in", 3600}}));
        };
        get(id);
        renewed();
        get(id);
        CPPUNIT_ASSERT_EQUAL(std::string("ya29.second"), google_->last_bearer);
    }
    void inTheDatabase(const char* sql) const {
        const std::string command = "sqlite3 '" + (root_ / "data" / "vault.db").string() + "' '" + sql + "'";
        CPPUNIT_ASSERT_EQUAL(0, std::system(command.c_str()));
    }
    void rotatedRefreshTokenIsKeptThoughItCannotBeStoredAtOnce() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [](const FakeGoogle::Request&, const std::string&) { return late(); };
        inTheDatabase("CREATE TRIGGER full BEFORE UPDATE ON grants BEGIN SELECT RAISE(ABORT, \"full\"); END");
        CPPUNIT_ASSERT_EQUAL(std::string("constraint"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("constraint"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());  // the provider is not asked for a third one
        inTheDatabase("DROP TRIGGER full");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
        restart();
        std::string used;
        google_->on_token = [&](const FakeGoogle::Request&, const std::string& body) {
            used = FakeGoogle::formOf(body)["refresh_token"];
            return late();
        };
        get(id);
        CPPUNIT_ASSERT_EQUAL(std::string("1//late"), used);
    }
    void narrowedScopesAreNoticed() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(
                200, Json::object({{"access_token", "ya29.x"}, {"expires_in", 3600}, {"scope", "openid"}}));
        };
        get(id);  // the check came before the refresh told
        CPPUNIT_ASSERT_EQUAL(std::string("scope_not_granted"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("scopeChanged"), vault_->log(tenant_, user_, 1).at(0).kind);
        CPPUNIT_ASSERT(!vault_->connection(tenant_, id).scopes.at(0).granted);
    }
    void V22_refreshThatLosesToADisconnect() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            disconnect(id);  // while the provider works
            return late();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(0, google_->api_calls.load());
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
        CPPUNIT_ASSERT(google_->revoked.contains("1//late"));
    }
    // The provider is away at that moment: the token is kept for revoking alone, as that of a disconnected account is.
    void V22_lateTokenIsRevokedOnceTheProviderAnswers() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            disconnect(id);
            google_->on_revoke = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
                throw Error(Code::Unavailable, "http_not_sent", "no route");
            };
            return late();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().pending_revocations);
        CPPUNIT_ASSERT(!onDisk("1//late"));
        google_->on_revoke = nullptr;
        vault_->maintain();
        CPPUNIT_ASSERT(google_->revoked.contains("1//late"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
    }
    // Google ends all permissions of the account with any one of them.
    void V22_lateTokenOfASharedAccountIsNotRevoked() {
        const ConnectionId id = connected();
        connect("google-calendar");
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            disconnect(id);
            return late();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT(google_->revoked.empty());
    }
    void scopesAreASetWhateverTheirOrder() {
        const ConnectionId id = connected();
        for (const std::string& scope :
             {std::string(kContacts) + " openid  https://www.googleapis.com/auth/userinfo.email",
              std::string("email ") + kContacts + " openid", std::string()}) {
            renewed();
            google_->on_token = [=](const FakeGoogle::Request&, const std::string&) {
                Json reply = Json::object({{"access_token", "ya29.x"}, {"expires_in", 3600}});
                if (!scope.empty()) reply.set("scope", scope);  // absent: as it was
                return FakeGoogle::json(200, reply);
            };
            get(id);
            get(id);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->log(tenant_, user_, 1).at(0).kind);
    }
    void V22_refreshThatLosesToAReconnect() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            google_->on_token = nullptr;
            connected();
            return late();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT(google_->revoked.empty());  // that would end the new consent, too
        get(id);                                   // with the new consent's token
        CPPUNIT_ASSERT(google_->last_bearer != "ya29.late");
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
    }
    void heartbeatNoticesARevocation() {
        const ConnectionId id = connected();
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
        clock_.advance(25h);
        failWith(400, "invalid_grant");
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
    }
    void connectionsThatFailDoNotHoldUpTheHeartbeat() {
        for (int i = 0; i < 20; ++i) connect("google-contacts", ("damaged-" + std::to_string(i)).c_str());
        vault_.reset();
        {
            storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
            database.write(tenant_, [](storage::Tx& tx) {
                tx.exec("UPDATE connections SET granted = '[]' WHERE tenant_id = :tenant");
            });
        }
        restart();
        clock_.advance(Millis(1));
        const ConnectionId last = connected();
        clock_.advance(25h);
        failWith(400, "invalid_grant");
        vault_->maintain();  // the twenty that are in the way
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(last));
    }
    void aDamagedTokenAsksItsOwnerAlone() {
        const ConnectionId sound = connect("google-contacts", "other-account").connection;
        for (const char* column : {"token_sealed", "key_sealed"}) {
            const ConnectionId id = connected();
            flipAByte(column, id);
            restart();
            CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().damaged);  // nobody has looked yet
            CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
            CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
            CPPUNIT_ASSERT(problemOf(id).find("damaged: connect again") != std::string::npos);
            CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), vault_->log(tenant_, user_, 1).at(0).kind);
            CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().damaged);
            CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
            CPPUNIT_ASSERT_EQUAL(std::size_t(2), vault_->connections(tenant_, user_).size());
            CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(sound).head.integer("status"));
            CPPUNIT_ASSERT_EQUAL(id.str(), connected().str());  // the same one, so what waits for it is found
            CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
            CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().damaged);
        }
    }
    void aClockSetBackDoesNotProlongAPause() {
        const ConnectionId id = connected();
        restart();  // without a token at hand
        failWith(503, "");
        CPPUNIT_ASSERT_EQUAL(std::string("provider_unavailable"), getReason(id));
        google_->on_token = nullptr;
        clock_.advance(-24h);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void V5_scopesEditedInTheDatabaseDoNotOpen() {
        const ConnectionId id = connected();
        vault_.reset();
        {
            storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
            database.write(tenant_, [&](storage::Tx& tx) {
                tx.exec("UPDATE connections SET granted = ?1 WHERE tenant_id = :tenant",
                        std::string("[\"") + kContacts + "\",\"" + kOther + "\"]");
            });
        }
        restart();
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().damaged);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TokenTest);
