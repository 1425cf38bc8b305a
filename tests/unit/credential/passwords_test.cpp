// SPDX-License-Identifier: Apache-2.0
// Connections by user name and password: bound to one server, sealed like tokens, erased when refused or removed.
#include "host/base/bytes.h"
#include "host/base/fd.h"
#include "host/credential/migrations.h"
#include "host/storage/database.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

class PasswordsTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(PasswordsTest);
    CPPUNIT_TEST(attachesThePasswordItself);
    CPPUNIT_TEST(theFormIsGoodOnceInItsSession);
    CPPUNIT_TEST(isNowhereInClear);
    CPPUNIT_TEST(goesToItsServerAlone);
    CPPUNIT_TEST(V4_aChangedServerColumnDoesNotOpen);
    CPPUNIT_TEST(anUpdatedManifestDoesNotMoveIt);
    CPPUNIT_TEST(aRefusedPasswordIsErasedAndNotTriedAgain);
    CPPUNIT_TEST(connectingAgainKeepsTheConnection);
    CPPUNIT_TEST(disconnectingErasesWithoutTellingAProvider);
    CPPUNIT_TEST(disconnectingGoogleLeavesItAlone);
    CPPUNIT_TEST(privateServersOnlyByTheOperatorsList);
    CPPUNIT_TEST(anEchoOfTheCredentialIsThrownAway);
    CPPUNIT_TEST(theHeartbeatLeavesItAlone);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kPassword = "moon-canary";
    static constexpr const char* kServer = "dav.example.org";

public:
    void setUp() override {
        VaultFixture::setUp();
        install(R"([{"name":"server","kind":"basic","reason":"r","rules":[
              {"host":"{settings.server}","method":"PROPFIND","path":"/{+rest}","vars":{"rest":"[^{}]*"},
               "headers":["Depth"],"max_body":1000}]}])");
    }

private:
    void install(const std::string& connections) {
        const fs::path folder = root_ / "plugins" / "books";
        fs::create_directories(folder);
        writeFileDurably(folder / "plugin.so", "never loaded here");
        writeFileDurably(folder / "plugin.json", R"({"id":"books","version":"1.0.0","name":"Books",
            "abi":{"major":1,"minor":0},"library":"plugin.so",
            "connections":)" + connections + R"(,
            "settings":{"type":"object","properties":{"server":{"type":"string","format":"server"}}}})");
        vault_->reloadPlugins();
    }
    BeginRequest wanted(const std::string& server) const {
        BeginRequest request = beginRequest("books");
        request.connection_name = "server";
        request.server = server;
        return request;
    }
    CompleteResult connectBooks(const std::string& server = kServer, const std::string& user = "mia",
                                const char* password = kPassword) {
        const std::string form = vault_->begin(wanted(server)).form;
        return vault_->connectPassword({form, user, "session-1"}, SecretBytes(password));
    }
    FetchResult propfind(const ConnectionId& connection, const std::string& url = "https://dav.example.org/mia/") {
        FetchRequest request = fetchRequest(connection, "PROPFIND", url, "books");
        return vault_->fetch(request, "<propfind/>", nullptr, nullptr);
    }
    std::string fetchReason(const ConnectionId& connection, const std::string& url = "https://dav.example.org/mia/") {
        return reasonOf([&] { propfind(connection, url); });
    }

    void attachesThePasswordItself() {
        const auto made = connectBooks();
        std::string sent;
        bool own = false, private_allowed = true;
        google_->on_api = [&](const FakeGoogle::Request& request, const std::string& body) {
            sent = request.basic != nullptr ? std::string(request.basic->reveal()) : "";
            own = request.own_server;
            private_allowed = request.private_allowed;
            CPPUNIT_ASSERT_EQUAL(std::string("<propfind/>"), body);
            return FakeGoogle::Response{
                207, {{"dav", "1, addressbook"}, {"www-authenticate", "Basic"}}, "<multistatus/>"};
        };
        const FetchResult result = propfind(made.connection);
        CPPUNIT_ASSERT_EQUAL(toBase64("mia:moon-canary"), sent);
        CPPUNIT_ASSERT(own && !private_allowed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{207}, result.head.integer("status"));
        CPPUNIT_ASSERT(result.head.at("headers").has("dav"));
        CPPUNIT_ASSERT(!result.head.at("headers").has("www-authenticate"));
        CPPUNIT_ASSERT_EQUAL(std::string("/{+rest}"), vault_->uses(tenant_, user_, 1).at(0).path);
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
    }
    void theFormIsGoodOnceInItsSession() {
        const std::string form = vault_->begin(wanted(kServer)).form;
        const auto send = [&](const std::string& text, const char* session) {
            return reasonOf([&] { vault_->connectPassword({text, "mia", session}, SecretBytes(kPassword)); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("form_session"), send(form, "session-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("form_used"), send(form, "session-1"));
        const std::string late = vault_->begin(wanted(kServer)).form;
        clock_.advance(std::chrono::minutes(11));
        CPPUNIT_ASSERT_EQUAL(std::string("form_used"), send(late, "session-1"));
        // Neither passes for the other.
        const auto url = vault_->begin(beginRequest("google-contacts")).authorization_url;
        CPPUNIT_ASSERT_EQUAL(std::string("form_used"), send(FakeGoogle::queryOf(url).at("state"), "session-1"));
        CompleteRequest answer;
        answer.state = vault_->begin(wanted(kServer)).form;
        answer.code = "x";
        answer.session_binding = "session-1";
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_state"), reasonOf([&] { vault_->complete(answer); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, vault_->connections(tenant_, user_).size());
        for (const char* name : {"", "a:b", "a\nb"}) {
            const std::string fresh = vault_->begin(wanted(kServer)).form;
            CPPUNIT_ASSERT_EQUAL(std::string("bad_user_name"), reasonOf([&] {
                                     vault_->connectPassword({fresh, name, "session-1"}, SecretBytes(kPassword));
                                 }));
        }
    }
    void isNowhereInClear() {
        const auto made = connectBooks();
        propfind(made.connection);
        for (const std::string& text : {std::string(kPassword), std::string("mia"), toBase64("mia:moon-canary")})
            CPPUNIT_ASSERT_MESSAGE(text, !onDisk(text));
    }
    void goesToItsServerAlone() {
        const auto made = connectBooks();
        const int before = google_->api_calls;
        for (const char* url : {"https://evil.example.org/mia/", "https://dav.example.org:8443/mia/"})
            CPPUNIT_ASSERT_EQUAL(std::string("server_changed"), fetchReason(made.connection, url));
        CPPUNIT_ASSERT_EQUAL(before, google_->api_calls.load());
        CPPUNIT_ASSERT_EQUAL(std::string(kServer), vault_->connection(tenant_, made.connection).server);
        CPPUNIT_ASSERT_EQUAL(std::string("mia"), vault_->connection(tenant_, made.connection).account);
    }
    void V4_aChangedServerColumnDoesNotOpen() {
        const auto made = connectBooks();
        vault_.reset();
        {
            storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
            database.write(tenant_, [&](storage::Tx& tx) {
                tx.exec("UPDATE connections SET server = ?2 WHERE tenant_id = :tenant AND id = ?1", made.connection,
                        "evil.example.org");
            });
        }
        restart();
        const int before = google_->api_calls;
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), fetchReason(made.connection, "https://evil.example.org/mia/"));
        CPPUNIT_ASSERT_EQUAL(before, google_->api_calls.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->status().damaged);  // its owner is told
    }
    void anUpdatedManifestDoesNotMoveIt() {
        const auto made = connectBooks();
        for (const char* kind :
             {R"("none")", R"("basic")", R"("oauth2","provider":"google","scopes":[{"scope":"s","reason":"r"}])"}) {
            const std::string scope = std::string(kind).starts_with("\"oauth2") ? R"(,"scope":"s")" : "";
            install(R"([{"name":"server","reason":"r","kind":)" + std::string(kind) +
                    R"(,"rules":[{"host":"evil.example.org","method":"PROPFIND","path":"/{+rest}","max_body":1000,
                        "vars":{"rest":"[^{}]*"})" +
                    scope + "}]}]");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(kind, std::string("server_changed"),
                                         fetchReason(made.connection, "https://evil.example.org/mia/"));
        }
        CPPUNIT_ASSERT_EQUAL(0, google_->api_calls.load());
    }
    void aRefusedPasswordIsErasedAndNotTriedAgain() {
        const auto made = connectBooks();
        google_->on_api = [](const auto&, const auto&) { return FakeGoogle::Response{401, {}, "no"}; };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{401}, propfind(made.connection).head.integer("status"));
        CPPUNIT_ASSERT_EQUAL(1, google_->api_calls.load());
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), fetchReason(made.connection));
        CPPUNIT_ASSERT_EQUAL(1, google_->api_calls.load());
        const ConnectionInfo info = vault_->connection(tenant_, made.connection);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), info.state);
        CPPUNIT_ASSERT(info.problem.find("dav.example.org refused") != std::string::npos);
    }
    void connectingAgainKeepsTheConnection() {
        const auto first = connectBooks();
        const auto again = connectBooks(kServer, "mia", "another");
        CPPUNIT_ASSERT(first.connection == again.connection);
        std::string sent;
        google_->on_api = [&](const FakeGoogle::Request& request, const std::string&) {
            sent = request.basic->reveal();
            return FakeGoogle::Response{207, {}, ""};
        };
        propfind(again.connection);
        CPPUNIT_ASSERT_EQUAL(toBase64("mia:another"), sent);
        // Somebody else's account, or the same name elsewhere, is another connection.
        CPPUNIT_ASSERT(connectBooks(kServer, "ben").connection != first.connection);
        CPPUNIT_ASSERT(connectBooks("other.example.org").connection != first.connection);
    }
    void disconnectingErasesWithoutTellingAProvider() {
        const auto made = connectBooks();
        const Receipt receipt = disconnect(made.connection);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), receipt.revoked);
        CPPUNIT_ASSERT_EQUAL(0, google_->revocations.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, vault_->status().pending_revocations);
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), fetchReason(made.connection));
    }
    void disconnectingGoogleLeavesItAlone() {
        connect("google-contacts");
        const std::string account = vault_->connections(tenant_, user_).at(0).account;
        const auto books = connectBooks(kServer, account);
        const Receipt receipt = vault_->disconnect({tenant_, user_, {}, account, true});
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), receipt.revoked);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, receipt.removed.size());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(tenant_, books.connection).state);
    }
    void privateServersOnlyByTheOperatorsList() {
        const auto reason = [&](const char* server) { return reasonOf([&] { vault_->checkServer(server); }); };
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), reason("dav.example.org"));
        for (const char* server : {"dav.lan:5232", "accounts.google.com", "127.0.0.1", ""})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(server, std::string("server_not_allowed"), reason(server));
        CPPUNIT_ASSERT_EQUAL(std::string("server_not_allowed"),
                             reasonOf([&] { vault_->begin(wanted("dav.lan:5232")); }));
        VaultConfig listed = config();
        listed.allowed_servers = {"dav.lan:5232"};
        restart(std::move(listed));
        const auto made = connectBooks("dav.lan:5232");
        bool private_allowed = false;
        google_->on_api = [&](const FakeGoogle::Request& request, const std::string&) {
            private_allowed = request.private_allowed;
            return FakeGoogle::Response{207, {}, ""};
        };
        propfind(made.connection, "https://dav.lan:5232/");
        CPPUNIT_ASSERT(private_allowed);
        restart();  // off the list again: its password stays here
        CPPUNIT_ASSERT_EQUAL(std::string("server_not_allowed"), fetchReason(made.connection, "https://dav.lan:5232/"));
    }
    void anEchoOfTheCredentialIsThrownAway() {
        const auto made = connectBooks();
        google_->on_api = [](const auto&, const auto&) {
            return FakeGoogle::Response{200, {}, "you sent " + toBase64("mia:moon-canary") + "!"};
        };
        CPPUNIT_ASSERT_EQUAL(std::string("token_echo"), fetchReason(made.connection));
    }
    void theHeartbeatLeavesItAlone() {
        const auto made = connectBooks();
        clock_.advance(std::chrono::hours(25));
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(0, google_->refreshes.load());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(tenant_, made.connection).state);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PasswordsTest);
