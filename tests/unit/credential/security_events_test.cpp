// SPDX-License-Identifier: Apache-2.0
// Cross-Account Protection: what Google signed is carried out once and on what it is about; nothing else is.
#include <openssl/evp.h>

#include "host/base/bytes.h"
#include "host/credential/migrations.h"
#include "host/storage/database.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;

class SecurityEventsTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(SecurityEventsTest);
    CPPUNIT_TEST(V20_tokensRevokedEndsAllOfTheAccount);
    CPPUNIT_TEST(V20_oneTokenIsFoundByItsPrefix);
    CPPUNIT_TEST(V20_oneTokenIsFoundByItsDoubleHash);
    CPPUNIT_TEST(V20_aTokenSealedBeforeTheIndexIsFound);
    CPPUNIT_TEST(V20_aRotatedTokenHasItsNewNames);
    CPPUNIT_TEST(V20_otherTokensAreLeftAlone);
    CPPUNIT_TEST(V20_aReplayedEventDoesNothing);
    CPPUNIT_TEST(V20_anEventIsNotAboutWhatWasAllowedAfterIt);
    CPPUNIT_TEST(V20_falseEventsAreRefused);
    CPPUNIT_TEST(V20_disabledAccountsWait);
    CPPUNIT_TEST(V20_purgedAccountsAreShredded);
    CPPUNIT_TEST(V20_whatNeedsNothingIsShown);
    CPPUNIT_TEST(V20_unknownEventsAndOddOnesDoNothing);
    CPPUNIT_TEST(V20_keysThatCannotBeReadAreNobodysFault);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kRisc = "risc/event-type/";
    static constexpr const char* kOauth = "oauth/event-type/";

    Json claims(const std::string& type, const Json& subject) {
        const Json event = Json::object({{"subject", subject}});
        return Json::object({{"iss", "https://accounts.google.com/"},
                             {"aud", "client-id"},
                             {"iat", toMillis(clock_.now()) / 1000},
                             {"jti", "event-" + std::to_string(++serial_)},
                             {"events", Json::object({{"https://schemas.openid.net/secevent/" + type, event}})}});
    }
    static Json account(const std::string& sub = "zoe") {
        return Json::object({{"subject_type", "iss-sub"}, {"iss", "https://accounts.google.com/"}, {"sub", sub}});
    }
    static Json token(const std::string& algorithm, const std::string& name) {
        return Json::object({{"subject_type", "oauth_token"},
                             {"token_type", "refresh_token"},
                             {"token_identifier_alg", algorithm},
                             {"token", name}});
    }
    static Json header() { return Json::object({{"alg", "RS256"}, {"kid", "key-1"}, {"typ", "secevent+jwt"}}); }
    std::vector<SecurityEffect> send(const Json& all) {
        return vault_->securityEvent(FakeGoogle::signedToken(header(), all));
    }
    std::string refused(const std::string& text) {
        return reasonOf([&] { vault_->securityEvent(text); });
    }
    std::string stateOf(const ConnectionId& id) { return vault_->connection(tenant_, id).state; }
    std::string lastLog() { return vault_->log(tenant_, user_, 1).at(0).kind; }
    static std::string doubleHash(std::string text) {
        for (int i = 0; i < 2; ++i) {
            unsigned char digest[64];
            std::size_t size = sizeof digest;
            EVP_Q_digest(nullptr, "SHA512", nullptr, text.data(), text.size(), digest, &size);
            text.assign(reinterpret_cast<char*>(digest), size);
        }
        return toBase64(text);
    }
    // FakeGoogle's first refresh token: the second number that it gives out.
    static constexpr const char* kFirstToken = "1//refresh-canary-2";

    void V20_tokensRevokedEndsAllOfTheAccount() {
        const ConnectionId contacts = connect("google-contacts").connection;
        const ConnectionId calendar = connect("google-calendar").connection;
        const ConnectionId other = connect("google-contacts", "adam").connection;
        get(contacts);
        const auto effects = send(claims(std::string(kOauth) + "tokens-revoked", account()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, effects.size());
        for (const ConnectionId& id : {contacts, calendar}) CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(other));
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), lastLog());
        CPPUNIT_ASSERT(!vault_->connection(tenant_, contacts).problem.empty());
        const int calls = google_->api_calls, refreshes = google_->refreshes;
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), reasonOf([&] { get(contacts); }));
        CPPUNIT_ASSERT(calls == google_->api_calls && refreshes == google_->refreshes);  // V19: nothing more is asked
        CPPUNIT_ASSERT_EQUAL(contacts.str(), connect("google-contacts").connection.str());
        get(contacts);
    }
    // What is stored of the first grant: its column, as bytes.
    std::string stored(const std::string& column) {
        storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
        return database.read(tenant_, [&](storage::Tx& tx) {
            const auto row = tx.one("SELECT CAST(" + column + " AS BLOB) FROM grants WHERE tenant_id = :tenant");
            return row ? row->blob(0) : std::string();
        });
    }

    void V20_oneTokenIsFoundByItsPrefix() {
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, send(claims(std::string(kOauth) + "token-revoked",
                                                         token("prefix", std::string(kFirstToken).substr(0, 16))))
                                                 .size());
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
    }
    void V20_oneTokenIsFoundByItsDoubleHash() {
        const ConnectionId id = connect("google-contacts").connection, other = connect("google-calendar").connection;
        const Json subject = token("hash_base64_sha512_sha512", doubleHash(kFirstToken));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, send(claims(std::string(kOauth) + "token-revoked", subject)).size());
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(other));
    }
    void V20_aTokenSealedBeforeTheIndexIsFound() {
        const ConnectionId id = connect("google-contacts").connection;
        vault_.reset();
        {
            storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
            database.write(tenant_, [](storage::Tx& tx) {
                tx.exec("UPDATE grants SET prefix_key = '', hash_key = '' WHERE tenant_id = :tenant");
            });
        }
        restart();
        const Json wrong = token("hash_base64_sha512_sha512", doubleHash("1//refresh-canary-9"));
        CPPUNIT_ASSERT(send(claims(std::string(kOauth) + "token-revoked", wrong)).empty());
        const Json subject = token("hash_base64_sha512_sha512", doubleHash(kFirstToken));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, send(claims(std::string(kOauth) + "token-revoked", subject)).size());
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
    }
    void V20_aRotatedTokenHasItsNewNames() {
        const ConnectionId id = connect("google-contacts").connection;
        clock_.advance(1h);
        google_->on_token = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(200, Json::object({{"access_token", "ya29.x"},
                                                       {"expires_in", 3600},
                                                       {"refresh_token", "1//rotated-canary-token"}}));
        };
        const std::string prefix = stored("prefix_key"), hash = stored("hash_key");
        CPPUNIT_ASSERT(prefix.size() >= 32 && hash.size() >= 32 && hash != doubleHash(kFirstToken));
        get(id);
        CPPUNIT_ASSERT(stored("prefix_key").size() >= 32 && stored("prefix_key") != prefix);
        CPPUNIT_ASSERT(stored("hash_key").size() >= 32 && stored("hash_key") != hash);
        const auto by = [&](const char* name) {
            return send(claims(std::string(kOauth) + "token-revoked",
                               token("hash_base64_sha512_sha512", doubleHash(name))))
                .size();
        };
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, by(kFirstToken));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, by("1//rotated-canary-token"));
    }
    void V20_otherTokensAreLeftAlone() {
        const ConnectionId id = connect("google-contacts").connection;
        for (const Json& subject :
             {token("prefix", "1//"), token("prefix", ""), token("sha1", kFirstToken),
              token("hash_base64_sha512_sha512", kFirstToken), Json::object(),
              token("prefix", std::string(kFirstToken).substr(0, 16)).set("token_type", "access_token")})
            CPPUNIT_ASSERT(send(claims(std::string(kOauth) + "token-revoked", subject)).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
    }
    void V20_aReplayedEventDoesNothing() {
        const ConnectionId id = connect("google-contacts").connection;
        const std::string event =
            FakeGoogle::signedToken(header(), claims(std::string(kOauth) + "tokens-revoked", account()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, vault_->securityEvent(event).size());
        connect("google-contacts");
        restart();  // remembered on disk
        CPPUNIT_ASSERT(vault_->securityEvent(event).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        clock_.advance(24h * 7 + 1h);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_request"), refused(event));  // too old, remembered or not
        clock_.advance(24h * 7);
        vault_->maintain();
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_request"), refused(event));
    }
    void V20_anEventIsNotAboutWhatWasAllowedAfterIt() {
        const ConnectionId id = connect("google-contacts").connection;
        const Json late = claims(std::string(kOauth) + "tokens-revoked", account());
        clock_.advance(10min);
        connect("google-contacts");
        CPPUNIT_ASSERT(send(late).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
    }
    void V20_falseEventsAreRefused() {
        const ConnectionId id = connect("google-contacts").connection;
        const Json good = claims(std::string(kOauth) + "tokens-revoked", account());
        const auto with = [&](const char* name, Json value) {
            Json changed = good;
            return FakeGoogle::signedToken(header(), changed.set(name, std::move(value)));
        };
        const auto head = [&](const char* name, const char* value) {
            return FakeGoogle::signedToken(header().set(name, value), good);
        };
        const std::int64_t now = toMillis(clock_.now()) / 1000;
        const std::vector<std::pair<std::string, std::string>> all = {
            {with("iss", "https://accounts.google.com"), "invalid_issuer"},
            {with("iss", "https://evil.example/"), "invalid_issuer"},
            {with("aud", "another-client"), "invalid_audience"},
            {with("aud", Json::array({Json("client-id")})), "invalid_audience"},
            {with("aud", nullptr), "invalid_audience"},
            {with("iat", now + 120), "invalid_request"},
            {with("iat", now - 8 * 86'400), "invalid_request"},
            {with("jti", ""), "invalid_request"},
            {with("events", Json::object()), "invalid_request"},
            {with("events", "x"), "invalid_request"},
            {head("alg", "none"), "authentication_failed"},
            {head("alg", "HS256"), "authentication_failed"},
            {head("alg", "RS512"), "authentication_failed"},
            {FakeGoogle::signedToken(header(), good, true), "authentication_failed"},
            {FakeGoogle::signedToken(header(), good) + "AA", "authentication_failed"},
            {"", "invalid_request"},
            {"a.b", "invalid_request"},
            {"{}", "invalid_request"},
        };
        for (const auto& [text, code] : all) CPPUNIT_ASSERT_EQUAL_MESSAGE(text, code, refused(text));
        // A key that is not known may be a new one; the set is read again when a minute has passed.
        CPPUNIT_ASSERT_EQUAL(std::string("jwks"), refused(head("kid", "another")));
        const int reads = google_->jwks_calls;
        clock_.advance(61s);
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_key"), refused(head("kid", "another")));
        CPPUNIT_ASSERT_EQUAL(reads + 1, google_->jwks_calls.load());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, send(good).size());  // nothing of this used it up
    }
    void V20_disabledAccountsWait() {
        const ConnectionId id = connect("google-contacts").connection;
        get(id);
        const int calls = google_->api_calls;
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"),
                             send(claims(std::string(kRisc) + "account-disabled", account())).at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), reasonOf([&] { get(id); }));
        CPPUNIT_ASSERT_EQUAL(calls, google_->api_calls.load());
        CPPUNIT_ASSERT_EQUAL(std::string("noticed"),
                             send(claims(std::string(kRisc) + "account-enabled", account())).at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));  // its owner decides
        connect("google-contacts");
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
    }
    void V20_purgedAccountsAreShredded() {
        const ConnectionId id = connect("google-contacts").connection;
        const std::string before = stored("token_sealed");
        CPPUNIT_ASSERT(before.size() > 50 && onDisk(before));
        send(claims(std::string(kRisc) + "account-purged", account()));
        CPPUNIT_ASSERT_EQUAL(std::string("revoked"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::string(), stored("token_sealed"));
        CPPUNIT_ASSERT(!onDisk(before));
    }
    void V20_whatNeedsNothingIsShown() {
        const ConnectionId id = connect("google-contacts").connection;
        for (const char* type : {"sessions-revoked", "account-credential-change-required"}) {
            const auto effects = send(claims(std::string(kRisc) + type, account()));
            CPPUNIT_ASSERT_EQUAL(std::string("noticed"), effects.at(0).kind);
            CPPUNIT_ASSERT_EQUAL(std::string("noticed"), lastLog());
            CPPUNIT_ASSERT(effects.at(0).detail.find("zoe") == std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        get(id);
    }
    void V20_unknownEventsAndOddOnesDoNothing() {
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT(send(claims(std::string(kRisc) + "verification", Json::object()).set("state", "x")).empty());
        CPPUNIT_ASSERT(send(claims(std::string(kRisc) + "something-new", account())).empty());
        CPPUNIT_ASSERT(send(claims(std::string(kOauth) + "tokens-revoked", account("nobody"))).empty());
        CPPUNIT_ASSERT(send(claims(std::string(kOauth) + "tokens-revoked", account(""))).empty());
        CPPUNIT_ASSERT(send(claims(std::string(kOauth) + "tokens-revoked", "zoe")).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
    }
    void V20_keysThatCannotBeReadAreNobodysFault() {
        restart();
        google_->on_keys = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(503, Json::object());
        };
        const std::string event =
            FakeGoogle::signedToken(header(), claims(std::string(kOauth) + "tokens-revoked", account()));
        CPPUNIT_ASSERT_EQUAL(std::string("jwks"), reasonOf([&] { vault_->securityEvent(event); }));
        google_->on_keys = nullptr;
        vault_->securityEvent(event);
    }

    int serial_ = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecurityEventsTest);
