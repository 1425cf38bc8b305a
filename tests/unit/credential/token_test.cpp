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
    CPPUNIT_TEST(manyThreadsMakeOneRequest);
    CPPUNIT_TEST(waitersShareTheFailure);
    CPPUNIT_TEST(invalidGrantEndsTheConnection);
    CPPUNIT_TEST(reauthenticationKeepsTheGrant);
    CPPUNIT_TEST(serverErrorsNeverEndIt);
    CPPUNIT_TEST(backsOffAfterServerErrors);
    CPPUNIT_TEST(refusedClientIsTheOperatorsMatter);
    CPPUNIT_TEST(rotatedRefreshTokenIsKept);
    CPPUNIT_TEST(narrowedScopesAreNoticed);
    CPPUNIT_TEST(refreshThatLosesToADisconnectIsThrownAway);
    CPPUNIT_TEST(refreshThatLosesToAReconnectIsThrownAway);
    CPPUNIT_TEST(heartbeatNoticesARevocation);
    CPPUNIT_TEST(scopesEditedInTheDatabaseDoNotOpen);
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
    void manyThreadsMakeOneRequest() {
        const ConnectionId id = connected();
        renewed();
        // The provider answers only once everyone else has had the chance to ask as well.
        std::atomic<int> started{0};
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            while (started < 16) std::this_thread::yield();
            return FakeGoogle::json(200, Json::object({{"access_token", "ya29.new"}, {"expires_in", 3600}}));
        };
        VaultConfig wide = config();
        wide.calls_per_plugin_user = wide.calls_per_host = 16;
        restart(std::move(wide));
        std::vector<std::thread> threads;
        std::atomic<int> good{0};
        for (int i = 0; i < 16; ++i)
            threads.emplace_back([&] {
                ++started;
                if (get(id).head.integer("status") == 200) ++good;
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(16, good.load());
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
    void invalidGrantEndsTheConnection() {
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
    void reauthenticationKeepsTheGrant() {
        const ConnectionId id = connected();
        renewed();
        failWith(400, "invalid_grant", "invalid_rapt");
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
    }
    void serverErrorsNeverEndIt() {
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
    void refreshThatLosesToADisconnectIsThrownAway() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            disconnect(id);  // while the provider works
            return FakeGoogle::json(
                200, Json::object({{"access_token", "ya29.late"}, {"refresh_token", "1//late"}, {"expires_in", 3600}}));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(0, google_->api_calls.load());
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
    }
    void refreshThatLosesToAReconnectIsThrownAway() {
        const ConnectionId id = connected();
        renewed();
        google_->on_token = [&](const FakeGoogle::Request&, const std::string&) {
            google_->on_token = nullptr;
            connected();
            return FakeGoogle::json(
                200, Json::object({{"access_token", "ya29.late"}, {"refresh_token", "1//late"}, {"expires_in", 3600}}));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), getReason(id));
        get(id);  // with the new consent's token
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
    void scopesEditedInTheDatabaseDoNotOpen() {
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
        CPPUNIT_ASSERT_EQUAL(std::string("record_refused"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TokenTest);
