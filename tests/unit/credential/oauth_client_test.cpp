// SPDX-License-Identifier: Apache-2.0
// The installation's own client: set on the guided page, kept sealed, replaced while the vault runs.
#include "host/base/fd.h"
#include "host/credential/custody.h"
#include "host/credential/keys.h"
#include "host/credential/migrations.h"
#include "host/credential/providers/google_console.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class OAuthClientTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(OAuthClientTest);
    CPPUNIT_TEST(whatIsSetWorksAtOnceAndAfterARestart);
    CPPUNIT_TEST(V9_theSecretIsNotOnTheDisk);
    CPPUNIT_TEST(V4_aRecordMovedOrAnOldOneDoesNotOpen);
    CPPUNIT_TEST(V12_rotatedAndRewrappedWithTheRest);
    CPPUNIT_TEST(V5_verifyNamesADamagedOne);
    CPPUNIT_TEST(theConfigurationWins);
    CPPUNIT_TEST(whatGoogleRefusesIsNotKept);
    CPPUNIT_TEST(anotherClientMustBeMeantAndMarksConnections);
    CPPUNIT_TEST(theClientBeforePutBackMendsThem);
    CPPUNIT_TEST(anotherSecretKeepsThem);
    CPPUNIT_TEST(forgottenItIsGoneAndNothingIsAsked);
    CPPUNIT_TEST(permissionsFromBeforeAreTheClientsOfTheStart);
    CPPUNIT_TEST(anApiThatIsNotEnabledIsNoticed);
    CPPUNIT_TEST(sevenDaysAreNoticed);
    CPPUNIT_TEST(whatIdsSecretsAndScopesAre);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kId = "1234567890-abc.apps.googleusercontent.com";
    static constexpr const char* kSecret = "GOCSPX-secret-canary-0123456789ab";
    static constexpr const char* kOtherId = "9876543210-xyz.apps.googleusercontent.com";

public:
    void setUp() override {
        VaultFixture::setUp();
        google_->clients = {{kId, kSecret}, {kOtherId, "GOCSPX-other-canary-0123456789abc"}};
        restart(bare());
    }

private:
    VaultConfig bare() const {
        VaultConfig without = config();
        without.client_id.clear();
        without.client_secret = SecretBytes();
        return without;
    }
    void put(const char* id, const std::string& secret, bool replace = false) {
        vault_->putClient({id, replace}, SecretBytes(std::string_view(secret)));
    }
    void putOther(bool replace) { put(kOtherId, google_->clients.at(kOtherId), replace); }
    std::string stateOf(const ConnectionId& id) { return vault_->connection(tenant_, id).state; }
    void change(const char* sql) {
        vault_.reset();
        storage::Database db({root_ / "data" / "vault.db", migrations(), 1});
        db.writeSystem("the test tampers", [&](storage::SystemTx& tx) { tx.exec(sql); });
    }
    Custody custody() {
        vault_.reset();
        return Custody({root_ / "data" / "vault.db", root_ / "data" / "vault.key"}, SecretBytes(), clock_);
    }

    void whatIsSetWorksAtOnceAndAfterARestart() {
        CPPUNIT_ASSERT(!vault_->status().configured);
        CPPUNIT_ASSERT_EQUAL(std::string("none"), vault_->askForClient().verdict);
        CPPUNIT_ASSERT_EQUAL(std::string("google_not_configured"), reasonOf([&] { connect("google-contacts"); }));
        put(kId, kSecret);
        CPPUNIT_ASSERT(vault_->status().configured && vault_->status().problem.empty());
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
        restart(bare());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
        const ProviderSetup setup = vault_->providerSetup();
        CPPUNIT_ASSERT_EQUAL(std::string(kId), setup.client_id);
        CPPUNIT_ASSERT(!setup.configured && setup.has_secret && setup.secret_plausible && setup.problem.empty());
        CPPUNIT_ASSERT(setup.set_at && *setup.set_at == clock_.now());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), setup.connections);
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), vault_->askForClient().verdict);
    }
    void V9_theSecretIsNotOnTheDisk() {
        put(kId, kSecret);
        CPPUNIT_ASSERT(onDisk(kId));  // the search finds what is there
        CPPUNIT_ASSERT(!onDisk(kSecret) && !onDisk("secret-canary"));
    }
    // To another provider, client or version: the record is bound to each.
    void V4_aRecordMovedOrAnOldOneDoesNotOpen() {
        put(kId, kSecret);
        for (const char* sql : {"UPDATE oauth_clients SET client_id = '9876543210-xyz.apps.googleusercontent.com'",
                                "UPDATE oauth_clients SET version = version + 1"}) {
            change(sql);
            restart(bare());
            const ProviderSetup setup = vault_->providerSetup();
            CPPUNIT_ASSERT_MESSAGE(sql, setup.client_id.empty() && !setup.has_secret && !setup.problem.empty());
            CPPUNIT_ASSERT_EQUAL(std::string("google_not_configured"), reasonOf([&] { connect("google-contacts"); }));
            put(kId, kSecret);  // setting it again mends it
            CPPUNIT_ASSERT(vault_->status().configured);
        }
        vault_.reset();
        storage::Database db({root_ / "data" / "vault.db", migrations(), 1});
        KeyRing keys(root_ / "data" / "vault.key", SecretBytes(), db, clock_);
        const std::string sealed = keys.sealClient({"google", kId, 1}, SecretBytes(std::string_view(kSecret)));
        CPPUNIT_ASSERT(keys.openClient({"google", kId, 1}, sealed).reveal() == kSecret);
        CPPUNIT_ASSERT_EQUAL(std::string("record_refused"), reasonOf([&] {
                                 keys.openClient({"another", kId, 1}, sealed);
                             }));
    }
    void V12_rotatedAndRewrappedWithTheRest() {
        put(kId, kSecret);
        const auto sealedNow = [&] {
            vault_.reset();
            storage::Database db({root_ / "data" / "vault.db", migrations(), 1});
            return db.readSystem("the test looks at sealed bytes", [](storage::SystemTx& tx) {
                return tx.one("SELECT sealed FROM oauth_clients")->blob(0);
            });
        };
        const std::string first = sealedNow();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2), custody().status().roots.at(0).records);  // the key check and the client
        custody().rotate();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), custody().status().roots.at(1).records);
        custody().dropOld();
        const std::string second = sealedNow();
        custody().rewrap();
        CPPUNIT_ASSERT(first != second && second != sealedNow());
        CPPUNIT_ASSERT(custody().verify().empty());
        CPPUNIT_ASSERT(!onDisk(first) && !onDisk(second));
        restart(bare());
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), vault_->askForClient().verdict);
    }
    void V5_verifyNamesADamagedOne() {
        put(kId, kSecret);
        change(
            "UPDATE oauth_clients SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || "
            "CASE substr(sealed, -1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB)");
        const auto faults = custody().verify();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), faults.size());
        CPPUNIT_ASSERT(faults.front().starts_with("the registration with the provider"));
    }
    void theConfigurationWins() {
        put(kId, kSecret);
        google_->clients["client-id"] = "client-secret";
        restart();
        const ProviderSetup setup = vault_->providerSetup();
        CPPUNIT_ASSERT_EQUAL(std::string("client-id"), setup.client_id);
        CPPUNIT_ASSERT(setup.configured && !setup.set_at && !setup.secret_plausible);
        CPPUNIT_ASSERT_EQUAL(std::string("client_configured"), reasonOf([&] { put(kId, kSecret); }));
        CPPUNIT_ASSERT_EQUAL(std::string("client_configured"), reasonOf([&] { vault_->forgetClient(); }));
        restart(bare());
        CPPUNIT_ASSERT_EQUAL(std::string(kId), vault_->providerSetup().client_id);
    }
    void whatGoogleRefusesIsNotKept() {
        try {
            put(kId, "GOCSPX-wrong-0123456789abcdef");
            CPPUNIT_FAIL("kept");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("client_refused"), error.reason());
            CPPUNIT_ASSERT(std::string(error.what()).find("invalid_client: Unauthorized") != std::string::npos);
            CPPUNIT_ASSERT(std::string(error.what()).find("wrong-0123") == std::string::npos);
        }
        CPPUNIT_ASSERT(vault_->providerSetup().client_id.empty());
        for (const char* id : {"", "two words", "line\nbreak"})
            CPPUNIT_ASSERT_EQUAL(std::string("client_id"), reasonOf([&] { put(id, kSecret); }));
        CPPUNIT_ASSERT_EQUAL(std::string("client_secret"), reasonOf([&] { put(kId, ""); }));
        google_->on_token = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
            throw Error(Code::Unavailable, "http_not_sent", "no network");
        };
        put(kId, kSecret);  // perhaps right
        const ClientVerdict verdict = vault_->askForClient();
        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), verdict.verdict);
        CPPUNIT_ASSERT(verdict.detail.find("no network") != std::string::npos);
    }
    void anotherClientMustBeMeantAndMarksConnections() {
        put(kId, kSecret);
        const ConnectionId id = connect("google-contacts").connection;
        get(id);
        CPPUNIT_ASSERT_EQUAL(std::string("client_in_use"), reasonOf([&] { putOther(false); }));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        putOther(true);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
        CPPUNIT_ASSERT(vault_->connection(tenant_, id).problem.find("connect the account again") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), vault_->log(tenant_, user_, 5).at(0).kind);
        // Not even with the access token that is still good.
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), reasonOf([&] { get(id); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->providerSetup().others);
        CPPUNIT_ASSERT_EQUAL(id.str(), connect("google-contacts").connection.str());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->providerSetup().others);
        clock_.advance(2h);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void theClientBeforePutBackMendsThem() {
        put(kId, kSecret);
        const ConnectionId id = connect("google-contacts").connection;
        putOther(true);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), stateOf(id));
        put(kId, kSecret, true);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        clock_.advance(2h);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void anotherSecretKeepsThem() {
        put(kId, kSecret);
        const ConnectionId id = connect("google-contacts").connection;
        google_->clients[kId] = "GOCSPX-newer-canary-0123456789ab";
        put(kId, google_->clients[kId]);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
        CPPUNIT_ASSERT(!onDisk(kSecret));
    }
    void forgottenItIsGoneAndNothingIsAsked() {
        put(kId, kSecret);
        const ConnectionId id = connect("google-contacts").connection;
        vault_->forgetClient();
        CPPUNIT_ASSERT(!vault_->status().configured);
        CPPUNIT_ASSERT(vault_->providerSetup().client_id.empty());
        const int asked = google_->api_calls;
        CPPUNIT_ASSERT_EQUAL(std::string("google_not_configured"), reasonOf([&] { get(id); }));
        CPPUNIT_ASSERT_EQUAL(asked, google_->api_calls.load());
        restart(bare());
        CPPUNIT_ASSERT(!vault_->status().configured);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        put(kId, kSecret);  // the same again: nothing has to be connected anew
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void permissionsFromBeforeAreTheClientsOfTheStart() {
        put(kId, kSecret);
        const ConnectionId id = connect("google-contacts").connection;
        change("UPDATE grants SET client_id = ''");
        restart(bare());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), stateOf(id));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), vault_->providerSetup().connections);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void anApiThatIsNotEnabledIsNoticed() {
        put(kId, kSecret);
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT(vault_->providerSetup().apis.empty());
        std::string body =
            R"({"error":{"code":403,"message":"m","status":"PERMISSION_DENIED","details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com"}]}})";
        google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::Response{403, {{"content-type", "application/json"}}, body};
        };
        get(id);
        ApiSeen seen = vault_->providerSetup().apis.at(0);
        CPPUNIT_ASSERT(seen.plugin.str() == "google-contacts" && seen.service == "people.googleapis.com");
        CPPUNIT_ASSERT(!seen.enabled && seen.at == clock_.now());
        restart(bare());
        CPPUNIT_ASSERT(!vault_->providerSetup().apis.at(0).enabled);
        // Another 403 says nothing of the API.
        body = R"({"error":{"code":403,"errors":[{"reason":"rateLimitExceeded"}]}})";
        get(id);
        CPPUNIT_ASSERT(!vault_->providerSetup().apis.at(0).enabled);
        google_->on_api = nullptr;
        get(id);
        CPPUNIT_ASSERT(vault_->providerSetup().apis.at(0).enabled);
        putOther(true);
        CPPUNIT_ASSERT(vault_->providerSetup().apis.empty());
    }
    void sevenDaysAreNoticed() {
        put(kId, kSecret);
        google_->refresh_expires_in = 7 * 86'400;
        connect("google-contacts");
        ProviderSetup setup = vault_->providerSetup();
        CPPUNIT_ASSERT(setup.seven_days == 1 && setup.testing_seen == clock_.now() && !setup.lasting_seen);
        google_->refresh_expires_in = 0;
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT(vault_->providerSetup().seven_days == 0 && !vault_->providerSetup().testing_seen);
        clock_.advance(24h * 7 + 1h);
        for (const char* number : {"1", "2", "3", "4"})
            google_->revoked.insert(std::string("1//refresh-canary-") + number);
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), reasonOf([&] { get(id); }));
        CPPUNIT_ASSERT(vault_->providerSetup().testing_seen == clock_.now());
        restart(bare());
        CPPUNIT_ASSERT(vault_->providerSetup().testing_seen == clock_.now());
        const ConnectionId again = connect("google-contacts").connection;
        clock_.advance(24h * 10);
        get(again);
        CPPUNIT_ASSERT(vault_->providerSetup().lasting_seen == clock_.now());
    }
    void whatIdsSecretsAndScopesAre() {
        CPPUNIT_ASSERT_EQUAL(std::string("1234567890"), projectOf(kId));
        for (const char* id : {"", "abc", "1234567890.apps.googleusercontent.com", "abc-def.apps.googleusercontent.com",
                               "1234-x.apps.googleusercontent.com.evil.test", "1234-.apps.googleusercontent.com"})
            CPPUNIT_ASSERT_MESSAGE(id, !isGoogleClientId(id));
        CPPUNIT_ASSERT(isGoogleClientSecret(kSecret) && !isGoogleClientSecret(kId) && !isGoogleClientSecret(""));
        CPPUNIT_ASSERT(googleScopeTier(kContacts) == ScopeTier::Sensitive);
        CPPUNIT_ASSERT(googleScopeTier(kFreeBusy) == ScopeTier::NonSensitive);
        CPPUNIT_ASSERT(googleScopeTier("https://www.googleapis.com/auth/drive") == ScopeTier::Restricted);
        CPPUNIT_ASSERT(googleScopeTier("https://www.googleapis.com/auth/tomorrow") == ScopeTier::Unknown);
        CPPUNIT_ASSERT_EQUAL(std::string("calendar-json.googleapis.com"),
                             googleApiOf("www.googleapis.com", "/calendar/v3/freeBusy").service);
        CPPUNIT_ASSERT_EQUAL(std::string("drive.googleapis.com"),
                             googleApiOf("www.googleapis.com", "/upload/drive/v3/files").service);
        CPPUNIT_ASSERT(saysApiDisabled(R"({"error":{"errors":[{"reason":"accessNotConfigured"}]}})"));
        for (const char* body : {"", "<html>", "[]", R"({"error":"x"})", R"({"error":{"errors":[{"reason":1},2]}})"})
            CPPUNIT_ASSERT_MESSAGE(body, !saysApiDisabled(body));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OAuthClientTest);
