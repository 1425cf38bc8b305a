// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;

class ConnectorTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(ConnectorTest);
    CPPUNIT_TEST(asksForLeastAndProvesItself);
    CPPUNIT_TEST(connectsAnAccount);
    CPPUNIT_TEST(W14_stateWorksOnce);
    CPPUNIT_TEST(W14_stateExpires);
    CPPUNIT_TEST(W14_anotherBrowserCannotFinish);
    CPPUNIT_TEST(W14_codeOfAnotherSignIn);
    CPPUNIT_TEST(W18_partialConsentIsTold);
    CPPUNIT_TEST(W18_nothingGrantedIsNoConnection);
    CPPUNIT_TEST(refusalOnTheProvidersPage);
    CPPUNIT_TEST(W15_answersOfOtherIssuers);
    CPPUNIT_TEST(W14_falseIdTokens);
    CPPUNIT_TEST(optionalScopesAreAskedForOnRequest);
    CPPUNIT_TEST(undeclaredScopesAreRefused);
    CPPUNIT_TEST(reconnectingRenewsTheSameConnection);
    CPPUNIT_TEST(oneAccountIsKnownAcrossPlugins);
    CPPUNIT_TEST(missingRefreshTokenIsSaid);
    CPPUNIT_TEST(withoutAClientItSaysWhatToSet);
    CPPUNIT_TEST(pickerAsksForFilesAlone);
    CPPUNIT_TEST(changedPluginGetsNothing);
    CPPUNIT_TEST_SUITE_END();

    std::string complete(const CompleteRequest& request) {
        return reasonOf([&] { vault_->complete(request); });
    }

    void asksForLeastAndProvesItself() {
        const auto query = FakeGoogle::queryOf(vault_->begin(beginRequest("google-contacts")).authorization_url);
        CPPUNIT_ASSERT_EQUAL(std::string("openid email ") + kContacts, query.at("scope"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://crm.example.com/oauth/callback/google"), query.at("redirect_uri"));
        CPPUNIT_ASSERT_EQUAL(std::string("S256"), query.at("code_challenge_method"));
        CPPUNIT_ASSERT_EQUAL(std::string("offline"), query.at("access_type"));
        CPPUNIT_ASSERT_EQUAL(std::string("consent"), query.at("prompt"));
        CPPUNIT_ASSERT(query.at("state").size() >= 43 && query.at("nonce").size() >= 32 &&
                       query.at("code_challenge").size() == 43);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), query.count("include_granted_scopes"));
    }
    void connectsAnAccount() {
        const CompleteResult result = connect("google-contacts");
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@example.com"), result.account);
        CPPUNIT_ASSERT_EQUAL(std::string("/settings"), result.return_to);
        CPPUNIT_ASSERT(result.granted == std::vector<std::string>{kContacts} && result.missing.empty());
        const ConnectionInfo info = vault_->connection(tenant_, result.connection);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), info.state);
        CPPUNIT_ASSERT(info.scopes.at(0).granted && !info.scopes.at(1).granted);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->log(tenant_, user_, 10).at(0).kind);
        CPPUNIT_ASSERT(vault_->connections(TenantId("tenant-b"), UserId()).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"),
                             reasonOf([&] { vault_->connection(TenantId("tenant-b"), result.connection); }));
    }
    void W14_stateWorksOnce() {
        const std::string url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        const CompleteRequest request = answer(url, google_->consent(url, "zoe"));
        vault_->complete(request);
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_state"), complete(request));
        CPPUNIT_ASSERT_EQUAL(1, google_->exchanges.load());
        CompleteRequest invented = request;
        invented.state = "invented";
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_state"), complete(invented));
    }
    void W14_stateExpires() {
        const std::string url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        const std::string code = google_->consent(url, "zoe");
        clock_.advance(10min);
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_state"), complete(answer(url, code)));
        CPPUNIT_ASSERT_EQUAL(0, google_->exchanges.load());
    }
    void W14_anotherBrowserCannotFinish() {
        const std::string url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        CompleteRequest request = answer(url, google_->consent(url, "zoe"));
        request.session_binding = "session-2";
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_session"), complete(request));
        request.session_binding = "session-1";  // and the state is used up
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_state"), complete(request));
        CPPUNIT_ASSERT_EQUAL(0, google_->exchanges.load());
    }
    // Login CSRF: an attacker's code brought into the victim's sign-in fails at PKCE.
    void W14_codeOfAnotherSignIn() {
        const std::string theirs = vault_->begin(beginRequest("google-contacts")).authorization_url;
        const std::string mine = vault_->begin(beginRequest("google-contacts")).authorization_url;
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_code"), complete(answer(mine, google_->consent(theirs, "mallory"))));
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
    }
    void W18_partialConsentIsTold() {
        const CompleteResult result = connect("google-calendar", "zoe", {kEvents});
        CPPUNIT_ASSERT(result.granted == std::vector<std::string>{kEvents});
        CPPUNIT_ASSERT(result.missing == std::vector<std::string>{kFreeBusy});
    }
    void W18_nothingGrantedIsNoConnection() {
        const std::string url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        CPPUNIT_ASSERT_EQUAL(std::string("consent_empty"),
                             complete(answer(url, google_->consent(url, "zoe", {"none"}))));
        CPPUNIT_ASSERT(vault_->connections(tenant_, user_).empty());
    }
    void refusalOnTheProvidersPage() {
        const std::string url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        CompleteRequest request = answer(url, "");
        request.error = "access_denied";
        try {
            vault_->complete(request);
            CPPUNIT_FAIL("connected");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("consent_refused"), error.reason());
            CPPUNIT_ASSERT_EQUAL(std::string("/settings"), Json::parse(error.details()).str("return_to"));
        }
    }
    void W15_answersOfOtherIssuers() {
        const std::string url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        CompleteRequest request = answer(url, google_->consent(url, "zoe"));
        request.iss = "https://evil.example.com";
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_issuer"), complete(request));
        CPPUNIT_ASSERT_EQUAL(0, google_->exchanges.load());
    }
    void W14_falseIdTokens() {
        using Change = std::function<void(Json&, Json&)>;
        const std::int64_t now = toMillis(clock_.now()) / 1000;
        const Change changes[] = {[](Json& h, Json&) { h.set("alg", "none"); },
                                  [](Json& h, Json&) { h.set("alg", "HS256"); },
                                  [](Json& h, Json&) { h.set("kid", "unknown"); },
                                  [](Json&, Json& c) { c.set("iss", "https://evil.example.com"); },
                                  [](Json&, Json& c) { c.set("aud", "another-client"); },
                                  [](Json&, Json& c) {
                                      c.set("aud", Json::array({"client-id", "another-client"}));
                                  },
                                  [](Json&, Json& c) { c.set("nonce", "another"); },
                                  [](Json&, Json& c) { c.set("sub", ""); },
                                  [&](Json&, Json& c) { c.set("exp", now - 3600); },
                                  [&](Json&, Json& c) { c.set("iat", now + 3600); }};
        for (const Change& change : changes) {
            google_->change_id_token = change;
            CPPUNIT_ASSERT_EQUAL(std::string("oauth_id_token"), reasonOf([&] { connect("google-contacts"); }));
        }
        google_->change_id_token = nullptr;
        connect("google-contacts");
        CPPUNIT_ASSERT_EQUAL(1,
                             google_->jwks_calls.load());  // one fetch served them all; an unknown key waits a minute
    }
    void optionalScopesAreAskedForOnRequest() {
        BeginRequest request = beginRequest("google-contacts");
        request.scopes = {kOther};
        const std::string url = vault_->begin(request).authorization_url;
        CPPUNIT_ASSERT_EQUAL(std::string("openid email ") + kContacts + " " + kOther,
                             FakeGoogle::queryOf(url).at("scope"));
        const CompleteResult first = vault_->complete(answer(url, google_->consent(url, "zoe")));
        // Connecting again keeps what was held, because the new grant replaces the old one.
        request.scopes.clear();
        request.reconnect = first.connection;
        const auto query = FakeGoogle::queryOf(vault_->begin(request).authorization_url);
        CPPUNIT_ASSERT(query.at("scope").find(kOther) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("select_account"), query.at("prompt"));
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@example.com"), query.at("login_hint"));
    }
    void undeclaredScopesAreRefused() {
        BeginRequest request = beginRequest("google-contacts");
        request.scopes = {"https://www.googleapis.com/auth/drive"};
        CPPUNIT_ASSERT_EQUAL(std::string("scope_undeclared"), reasonOf([&] { vault_->begin(request); }));
        request = beginRequest("google-contacts");
        request.picker = PickerOptions{};
        CPPUNIT_ASSERT_EQUAL(std::string("picker"), reasonOf([&] { vault_->begin(request); }));
        request = beginRequest("unknown-plugin");
        CPPUNIT_ASSERT_EQUAL(std::string("no_plugin"), reasonOf([&] { vault_->begin(request); }));
    }
    void reconnectingRenewsTheSameConnection() {
        const ConnectionId first = connect("google-contacts").connection;
        CPPUNIT_ASSERT_EQUAL(first.str(), connect("google-contacts").connection.str());
        CPPUNIT_ASSERT(first != connect("google-contacts", "other-account").connection);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), vault_->connections(tenant_, user_).size());
        CPPUNIT_ASSERT_EQUAL(std::string("reconnected"), vault_->log(tenant_, user_, 10).at(1).kind);
    }
    void oneAccountIsKnownAcrossPlugins() {
        connect("google-contacts");
        connect("google-calendar");
        const auto all = vault_->connections(tenant_, user_);
        CPPUNIT_ASSERT_EQUAL(all.at(0).account_id, all.at(1).account_id);
    }
    void missingRefreshTokenIsSaid() {
        google_->give_refresh_token = false;
        CPPUNIT_ASSERT_EQUAL(std::string("consent_not_lasting"), reasonOf([&] { connect("google-contacts"); }));
        google_->give_refresh_token = true;
        const ConnectionId id = connect("google-contacts").connection;
        google_->give_refresh_token = false;  // as Google does when it need not ask again
        CPPUNIT_ASSERT_EQUAL(id.str(), connect("google-contacts").connection.str());
    }
    void withoutAClientItSaysWhatToSet() {
        VaultConfig bare = config();
        bare.client_id.clear();
        restart(std::move(bare));
        CPPUNIT_ASSERT(!vault_->status().configured);
        try {
            vault_->begin(beginRequest("google-contacts"));
            CPPUNIT_FAIL("began");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(std::string(error.what()).find("Google is not set up here: whoever runs the server") == 0);
        }
    }
    void pickerAsksForFilesAlone() {
        const ConnectionId contacts = connect("google-contacts").connection;
        BeginRequest request = beginRequest("google-drive");
        request.picker = PickerOptions{true, {"image/png", "application/pdf"}};
        const std::string url = vault_->begin(request).authorization_url;
        const auto query = FakeGoogle::queryOf(url);
        CPPUNIT_ASSERT_EQUAL(std::string("https://www.googleapis.com/auth/drive.file"), query.at("scope"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), query.at("trigger_onepick"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), query.at("allow_multiple"));
        CPPUNIT_ASSERT_EQUAL(std::string("image/png,application/pdf"), query.at("mimetypes"));
        google_->on_api = [](const FakeGoogle::Request& asked, const std::string&) {
            CPPUNIT_ASSERT(asked.url.find("https://www.googleapis.com/drive/v3/about?") == 0);
            return FakeGoogle::json(200,
                                    Json::parse(R"({"user":{"emailAddress":"Zoe@example.com","permissionId":"77"}})"));
        };
        CompleteRequest done = answer(url, google_->consent(url, "zoe"));
        done.picked_file_ids = {"f1", "f2"};
        const CompleteResult result = vault_->complete(done);
        CPPUNIT_ASSERT(result.picked_file_ids == (std::vector<std::string>{"f1", "f2"}));
        CPPUNIT_ASSERT_EQUAL(vault_->connection(tenant_, contacts).account_id,
                             vault_->connection(tenant_, result.connection).account_id);
        // Picking again renews the same connection.
        const std::string again = vault_->begin(request).authorization_url;
        CPPUNIT_ASSERT_EQUAL(result.connection.str(),
                             vault_->complete(answer(again, google_->consent(again, "zoe"))).connection.str());
    }
    void changedPluginGetsNothing() {
        VaultConfig strict = config();
        strict.developer_mode = false;
        restart(std::move(strict));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_untrusted"),
                             reasonOf([&] { vault_->begin(beginRequest("google-contacts")); }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConnectorTest);
