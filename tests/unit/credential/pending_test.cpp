// SPDX-License-Identifier: Apache-2.0
// "Connect a different account?": somebody else signed in at the provider than the connection belongs to.
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;

class PendingTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(PendingTest);
    CPPUNIT_TEST(anotherAccountChangesNothingYet);
    CPPUNIT_TEST(acceptedItIsConnectedBesideTheOld);
    CPPUNIT_TEST(discardedItIsEndedAtTheProvider);
    CPPUNIT_TEST(V22_aTokenNobodyWantsEndsNobodyElses);
    CPPUNIT_TEST(unansweredItEndsAfterTenMinutes);
    CPPUNIT_TEST(triedAgainItAsksForTheRightAccount);
    CPPUNIT_TEST(W14_onlyItsOwnBrowserMaySettleIt);
    CPPUNIT_TEST(theGuidedFlowExpectsTheSameAccount);
    CPPUNIT_TEST(pressingConnectAgainExpectsTheSameAccount);
    CPPUNIT_TEST(oneMoreAccountMayBeWanted);
    CPPUNIT_TEST(pickedFilesOfAnotherAccountAreNotTaken);
    CPPUNIT_TEST(aNewAddressOfTheSameAccountIsKept);
    CPPUNIT_TEST(theOwnersErasureEndsIt);
    CPPUNIT_TEST(itIsSealedOnTheDisk);
    CPPUNIT_TEST_SUITE_END();

    // Begins for a connection, and somebody else signs in.
    CompleteResult signInAs(const char* subject, BeginRequest request) {
        const std::string url = vault_->begin(request).authorization_url;
        return vault_->complete(answer(url, google_->consent(url, subject)));
    }
    CompleteResult reconnectAs(const char* subject, const ConnectionId& connection) {
        BeginRequest request = beginRequest("google-contacts");
        request.reconnect = connection;
        request.scopes = {kOther};  // "grant just this": so that there is a consent
        return signInAs(subject, request);
    }
    PendingRequest settling(const std::string& id) const { return {tenant_, user_, "session-1", id}; }

    void anotherAccountChangesNothingYet() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult result = reconnectAs("yan", mine);
        CPPUNIT_ASSERT(!result.pending.empty() && result.connection.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("/settings"), result.return_to);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->log(tenant_, user_, 10).size());
        const auto asked = vault_->pendingGrants(settling(""));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), asked.size());
        CPPUNIT_ASSERT_EQUAL(std::string("yan@example.com"), asked[0].signed_in);
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@example.com"), asked[0].belongs_to);
        CPPUNIT_ASSERT_EQUAL(std::string("google-contacts"), asked[0].plugin.str());
        CPPUNIT_ASSERT(google_->revoked.empty());
        // The right account is no question.
        CPPUNIT_ASSERT(reconnectAs("zoe", mine).pending.empty());
    }
    void acceptedItIsConnectedBesideTheOld() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult asked = reconnectAs("yan", mine);
        const CompleteResult made = vault_->acceptPending(settling(asked.pending));
        CPPUNIT_ASSERT_EQUAL(std::string("yan@example.com"), made.account);
        CPPUNIT_ASSERT(made.connection != mine && made.missing.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), vault_->connections(tenant_, user_).size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(made.connection).head.integer("status"));
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());  // the access token of the consent was not kept
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(mine).head.integer("status"));
        CPPUNIT_ASSERT(vault_->pendingGrants(settling("")).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("pending_over"),
                             reasonOf([&] { vault_->acceptPending(settling(asked.pending)); }));
    }
    void discardedItIsEndedAtTheProvider() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult asked = reconnectAs("yan", mine);
        vault_->discardPending(settling(asked.pending));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
        CPPUNIT_ASSERT(vault_->pendingGrants(settling("")).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
        CPPUNIT_ASSERT_EQUAL(std::string("pending_over"),
                             reasonOf([&] { vault_->discardPending(settling(asked.pending)); }));
    }
    void V22_aTokenNobodyWantsEndsNobodyElses() {
        const ConnectionId mine = connect("google-contacts").connection;
        BeginRequest theirs = beginRequest("google-calendar");
        theirs.tenant = TenantId("tenant-b");
        signInAs("yan", theirs);
        const CompleteResult asked = reconnectAs("yan", mine);
        vault_->discardPending(settling(asked.pending));
        CPPUNIT_ASSERT_EQUAL(0, google_->revocations.load());
        CPPUNIT_ASSERT(vault_->pendingGrants(settling("")).empty());
    }
    void unansweredItEndsAfterTenMinutes() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult asked = reconnectAs("yan", mine);
        clock_.advance(9min);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->pendingGrants(settling("")).size());
        clock_.advance(1min);
        CPPUNIT_ASSERT(vault_->pendingGrants(settling("")).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("pending_over"),
                             reasonOf([&] { vault_->acceptPending(settling(asked.pending)); }));
        CPPUNIT_ASSERT(google_->revoked.empty());
        google_->on_revoke = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
            throw Error(Code::Unavailable, "http_not_sent", "no route");
        };
        vault_->maintain();  // ended here, and the provider is told as soon as it can be
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().pending_revocations);
        google_->on_revoke = nullptr;
        clock_.advance(2min);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
    }
    void triedAgainItAsksForTheRightAccount() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult asked = reconnectAs("yan", mine);
        const std::string url = vault_->retryPending(settling(asked.pending)).authorization_url;
        const auto query = FakeGoogle::queryOf(url);
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@example.com"), query.at("login_hint"));
        CPPUNIT_ASSERT(query.at("scope").find(kOther) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
        const CompleteResult made = vault_->complete(answer(url, google_->consent(url, "zoe")));
        CPPUNIT_ASSERT_EQUAL(mine.str(), made.connection.str());
        CPPUNIT_ASSERT_EQUAL(std::string("/settings"), made.return_to);
    }
    void W14_onlyItsOwnBrowserMaySettleIt() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult asked = reconnectAs("yan", mine);
        PendingRequest other = settling(asked.pending);
        other.session_binding = "session-2";
        PendingRequest colleague = settling(asked.pending);
        colleague.user = UserId("user-2");
        PendingRequest stranger = settling(asked.pending);
        stranger.tenant = TenantId("tenant-b");
        for (const PendingRequest& request : {other, colleague, stranger}) {
            CPPUNIT_ASSERT(vault_->pendingGrants(request).empty());
            for (const auto& settle : std::vector<std::function<void()>>{[&] { vault_->acceptPending(request); },
                                                                         [&] { vault_->discardPending(request); },
                                                                         [&] { vault_->retryPending(request); }})
                CPPUNIT_ASSERT_EQUAL(std::string("pending_over"), reasonOf(settle));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->pendingGrants(settling("")).size());
    }
    void theGuidedFlowExpectsTheSameAccount() {
        const ConnectionId mine = connect("google-contacts").connection;
        BeginRequest second = beginRequest("google-calendar");
        second.account_of = mine;
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@example.com"),
                             FakeGoogle::queryOf(vault_->begin(second).authorization_url).at("login_hint"));
        CPPUNIT_ASSERT(!signInAs("yan", second).pending.empty());
        CPPUNIT_ASSERT(signInAs("zoe", second).pending.empty());
        second.user = UserId("user-2");  // somebody else's connection says nothing
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), reasonOf([&] { vault_->begin(second); }));
    }
    void pressingConnectAgainExpectsTheSameAccount() {
        connect("google-contacts");
        CPPUNIT_ASSERT(!signInAs("yan", beginRequest("google-contacts")).pending.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
        // Asked twice, only the newer question stays.
        CPPUNIT_ASSERT(!signInAs("yan", beginRequest("google-contacts")).pending.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->pendingGrants(settling("")).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
    }
    void oneMoreAccountMayBeWanted() {
        connect("google-contacts");
        BeginRequest request = beginRequest("google-contacts");
        request.another_account = true;
        const auto query = FakeGoogle::queryOf(vault_->begin(request).authorization_url);
        CPPUNIT_ASSERT_EQUAL(std::string("select_account consent"), query.at("prompt"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), query.count("login_hint"));
        CPPUNIT_ASSERT(signInAs("yan", request).pending.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), vault_->connections(tenant_, user_).size());
    }
    void pickedFilesOfAnotherAccountAreNotTaken() {
        const ConnectionId mine = connect("google-drive").connection;
        BeginRequest request = beginRequest("google-drive");
        request.picker = PickerOptions{};
        request.reconnect = mine;
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(200,
                                    Json::parse(R"({"user":{"emailAddress":"yan@example.com","permissionId":"78"}})"));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("other_account"), reasonOf([&] { signInAs("yan", request); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
        CPPUNIT_ASSERT(vault_->pendingGrants(settling("")).empty());
    }
    // P10: an account is known by its id; what it is called follows with the next sign-in.
    void aNewAddressOfTheSameAccountIsKept() {
        const ConnectionId mine = connect("google-contacts").connection;
        google_->change_id_token = [](Json&, Json& claims) { claims.set("email", "zoe.married@example.com"); };
        const CompleteResult again = reconnectAs("zoe", mine);
        CPPUNIT_ASSERT(again.pending.empty());
        CPPUNIT_ASSERT_EQUAL(mine.str(), again.connection.str());
        CPPUNIT_ASSERT_EQUAL(std::string("zoe.married@example.com"), vault_->connection(tenant_, mine).account);
        CPPUNIT_ASSERT(!onDisk("zoe@example.com") && !onDisk("zoe.married@example.com"));
    }
    void theOwnersErasureEndsIt() {
        const ConnectionId mine = connect("google-contacts").connection;
        reconnectAs("yan", mine);
        vault_->eraseHistory(tenant_, user_);
        CPPUNIT_ASSERT(vault_->pendingGrants(settling("")).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), google_->revoked.size());
    }
    void itIsSealedOnTheDisk() {
        const ConnectionId mine = connect("google-contacts").connection;
        const CompleteResult asked = reconnectAs("yan", mine);
        for (const char* secret : {"canary", "yan@example.com", "\"yan\""})
            CPPUNIT_ASSERT_MESSAGE(secret, !onDisk(secret));
        CPPUNIT_ASSERT(onDisk(asked.pending));
        vault_->discardPending(settling(asked.pending));
        CPPUNIT_ASSERT(!onDisk(asked.pending));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PendingTest);
