// SPDX-License-Identifier: Apache-2.0
// The operator's page: who opens it, what it tells and takes, and what each check makes of the facts.
#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "fixture.h"
#include "host/api/google_setup.h"
#include "host/api/setup_checks.h"
#include "host/base/fd.h"

using namespace portico;
using namespace portico::api;
using namespace portico::api::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kId = "1234567890-abcdwxyz.apps.googleusercontent.com";
constexpr const char* kSecret = "GOCSPX-canary-0123456789abcdef";

}  // namespace

class GoogleSetupTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GoogleSetupTest);
    CPPUNIT_TEST(theLinkWorksOnceAndForAWhile);
    CPPUNIT_TEST(theSessionEnds);
    CPPUNIT_TEST(theCookieIsForThisBrowserAlone);
    CPPUNIT_TEST(aClientIsPassedOnAndNeverShown);
    CPPUNIT_TEST(whatGoogleRefusesIsSaid);
    CPPUNIT_TEST(anotherClientMustBeMeant);
    CPPUNIT_TEST(readinessIsToldToUsers);
    CPPUNIT_TEST(pluginsSayWhatTheProjectNeeds);
    CPPUNIT_TEST(redirectAddresses);
    CPPUNIT_TEST(clientAndSecret);
    CPPUNIT_TEST(apisConsentAndScopes);
    CPPUNIT_TEST(clocks);
    CPPUNIT_TEST(notifications);
    CPPUNIT_TEST(everyCheckHasItsWordsInEveryLanguage);
    CPPUNIT_TEST_SUITE_END();

    Answer open(Browser& browser, const std::string& token) {
        return browser.post("/setup/google/session", Json::object({{"token", token}}));
    }
    Browser opened() {
        Browser browser = site_.browser();
        const Answer answer = open(browser, site_.operators.issue());
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        const std::string& set = answer.headers.at("set-cookie");
        browser.cookie = set.substr(0, set.find(';'));
        browser.csrf = answer.body.str("csrfToken");
        return browser;
    }
    static Answer put(Browser& browser, const char* id, bool replace = false) {
        return browser.send("PUT", "/setup/google/client",
                            Json::object({{"clientId", id}, {"clientSecret", kSecret}, {"replace", replace}}));
    }

    void theLinkWorksOnceAndForAWhile() {
        Browser browser = site_.browser();
        const std::string link = googleSetupLink(site_.services);
        CPPUNIT_ASSERT(link.starts_with("https://crm.test/setup/google#"));
        const std::string token = link.substr(link.find('#') + 1);
        CPPUNIT_ASSERT(token.size() >= 43);
        CPPUNIT_ASSERT_EQUAL(std::string("setup_link_expired"), open(browser, token + "x").code());
        CPPUNIT_ASSERT_EQUAL(201, open(browser, token).status);
        CPPUNIT_ASSERT_EQUAL(403, open(browser, token).status);
        const std::string older = site_.operators.issue(), newer = site_.operators.issue();
        CPPUNIT_ASSERT_EQUAL(403, open(browser, older).status);
        site_.clock.advance(15min);
        CPPUNIT_ASSERT_EQUAL(403, open(browser, newer).status);
        CPPUNIT_ASSERT_EQUAL(403, open(browser, "").status);
        const std::string again = site_.operators.issue();
        site_.vault.sealed = true;
        CPPUNIT_ASSERT_EQUAL(503, open(browser, again).status);
        site_.vault.sealed = false;
        CPPUNIT_ASSERT_EQUAL(201, open(browser, again).status);  // a failure has not spent it
    }
    void theSessionEnds() {
        Browser browser = opened();
        site_.clock.advance(59min);
        CPPUNIT_ASSERT_EQUAL(200, browser.get("/setup/google").status);
        site_.clock.advance(1min);
        CPPUNIT_ASSERT_EQUAL(std::string("setup_link_needed"), browser.get("/setup/google").code());
        Browser first = opened();
        Browser second = opened();  // takes the first one's place
        CPPUNIT_ASSERT_EQUAL(403, first.get("/setup/google").status);
        CPPUNIT_ASSERT_EQUAL(204, second.send("DELETE", "/setup/google/session").status);
        CPPUNIT_ASSERT_EQUAL(403, second.get("/setup/google").status);
        Browser forged = site_.browser();
        forged.cookie = "portico-operator=";
        CPPUNIT_ASSERT_EQUAL(403, forged.get("/setup/google").status);
    }
    void theCookieIsForThisBrowserAlone() {
        site_.services.config.plain_http = false;
        Browser browser = site_.browser();
        const Answer answer = open(browser, site_.operators.issue());
        const std::string& set = answer.headers.at("set-cookie");
        for (const char* part :
             {"__Host-portico-operator=", "; HttpOnly", "; Secure", "; SameSite=Strict", "; Max-Age=3600"})
            CPPUNIT_ASSERT_MESSAGE(set, set.find(part) != std::string::npos);
    }
    void aClientIsPassedOnAndNeverShown() {
        Browser browser = opened();
        CPPUNIT_ASSERT_EQUAL(std::string("none"), browser.get("/setup/google").body.at("client").str("source"));
        const Answer answer = put(browser, kId);
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string(kSecret), site_.vault.secret);
        const Json& client = answer.body.at("client");
        CPPUNIT_ASSERT_EQUAL(std::string("stored"), client.str("source"));
        CPPUNIT_ASSERT_EQUAL(std::string("1234567890-…wxyz"), client.str("hint"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21T08:00:00.000Z"), client.str("setAt"));
        for (const Answer& each : {answer, browser.get("/setup/google"), browser.post("/setup/google/check")})
            for (const char* hidden : {kSecret, "GOCSPX", "abcdwxyz"})
                CPPUNIT_ASSERT_MESSAGE(each.text, each.text.find(hidden) == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(400,
                             browser.send("PUT", "/setup/google/client", Json::object({{"clientId", kId}})).status);
        const Answer odd = browser.send("PUT", "/setup/google/client",
                                        Json::object({{"clientId", kId}, {"clientSecret", Json::array()}}));
        CPPUNIT_ASSERT_EQUAL(400, odd.status);
        CPPUNIT_ASSERT_EQUAL(std::string("none"),
                             browser.send("DELETE", "/setup/google/client").body.at("client").str("source"));
    }
    void whatGoogleRefusesIsSaid() {
        site_.vault.verdict = {"refused", "invalid_client: Unauthorized"};
        Browser browser = opened();
        const Answer answer = put(browser, kId);
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("client_refused"), answer.code());
        CPPUNIT_ASSERT(answer.body.str("detail").find("Unauthorized") != std::string::npos);
    }
    void anotherClientMustBeMeant() {
        Browser browser = opened();
        put(browser, kId);
        site_.vault.setup.connections = 3;
        const char* other = "99-other.apps.googleusercontent.com";
        CPPUNIT_ASSERT_EQUAL(std::string("client_in_use"), put(browser, other).code());
        CPPUNIT_ASSERT_EQUAL(200, put(browser, other, true).status);
    }
    void readinessIsToldToUsers() {
        auto owner = site_.signedIn();
        CPPUNIT_ASSERT(!owner.get("/connections/google").body.getBool("ready", true));
        site_.vault.setup.client_id = kId;
        CPPUNIT_ASSERT(owner.get("/connections/google").body.getBool("ready"));
    }
    void pluginsSayWhatTheProjectNeeds() {
        const manifest::Manifest drive =
            manifest::parse(Json::parse(readFile(std::string(PORTICO_PLUGINS) + "/google-drive/plugin.json")));
        const manifest::Manifest people =
            manifest::parse(Json::parse(readFile(std::string(PORTICO_PLUGINS) + "/google-contacts/plugin.json")));
        const manifest::Manifest audit =
            manifest::parse(Json::parse(readFile(std::string(PORTICO_PLUGINS) + "/audit-log/plugin.json")));
        const Wanted files = wantedOf({&drive, &audit});
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), files.apis.size());
        CPPUNIT_ASSERT_EQUAL(std::string("drive.googleapis.com"), files.apis[0].service);
        CPPUNIT_ASSERT_EQUAL(std::string("picker.googleapis.com"), files.apis[1].service);
        CPPUNIT_ASSERT_EQUAL(std::string("brand"), files.verification);
        const Wanted both = wantedOf({&people, &drive});
        CPPUNIT_ASSERT_EQUAL(std::string("people.googleapis.com"), both.apis[0].service);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), both.scopes.size());
        CPPUNIT_ASSERT_EQUAL(std::string("sensitive"), both.scopes[0].tier);
        CPPUNIT_ASSERT_EQUAL(std::string("sensitive"), both.verification);
        CPPUNIT_ASSERT_EQUAL(std::string("none"), wantedOf({&audit}).verification);
    }

    static SetupFacts facts() {
        SetupFacts facts;
        facts.now = parseInstant("2026-11-21T08:00:00Z");
        facts.public_url = "https://crm.example.com";
        facts.setup.redirect_uri = "https://crm.example.com/oauth/callback/google";
        facts.setup.client_id = kId;
        facts.setup.has_secret = facts.setup.secret_plausible = true;
        facts.wanted.apis.push_back({"people.googleapis.com", "Google People API", "Google Contacts", {}});
        facts.wanted.verification = "sensitive";
        return facts;
    }
    // "code state"
    static std::string told(const SetupFacts& facts, const std::string& name) {
        for (const SetupCheck& check : setupChecks(facts))
            if (check.name == name) return check.code + " " + check.state;
        return "";
    }
    static void assertTold(const char* wanted, const SetupFacts& facts, const char* name) {
        CPPUNIT_ASSERT_EQUAL(std::string(wanted), told(facts, name));
    }

    void redirectAddresses() {
        SetupFacts f = facts();
        assertTold("registered unknown", f, "redirect");
        f.setup.connections = 1;
        assertTold("works ok", f, "redirect");
        for (const char* url : {"http://crm.example.com", "http://10.0.0.1:8443"}) {
            f.public_url = url;
            assertTold("notHttps failing", f, "redirect");
        }
        for (const char* url : {"https://10.0.0.1:8443", "https://crm", "https://crm.local", "https://[2001:db8::1]"}) {
            f.public_url = url;
            assertTold("notPublic failing", f, "redirect");
        }
        f.setup.connections = 0;
        for (const char* url :
             {"https://localhost:8443", "http://localhost:8443", "https://127.0.0.1", "https://[::1]:1"}) {
            f.public_url = url;
            assertTold("loopback unknown", f, "redirect");
        }
    }
    void clientAndSecret() {
        SetupFacts f = facts();
        assertTold("stored ok", f, "client");
        assertTold("plausible ok", f, "secret");
        assertTold("notAsked unknown", f, "known");
        f.verdict = {"accepted", ""};
        assertTold("accepted ok", f, "known");
        f.verdict = {"refused", "invalid_client"};
        assertTold("refused failing", f, "known");
        f.verdict = {"unreachable", "no network"};
        assertTold("unreachable unknown", f, "known");
        f.setup.alarm = "Google refuses";
        assertTold("refused failing", f, "known");
        f.setup.secret_plausible = false;
        assertTold("odd attention", f, "secret");
        f.setup.has_secret = false;
        assertTold("missing failing", f, "secret");
        f.setup.configured = true;
        assertTold("configured ok", f, "client");
        f.setup.client_id = "somebody";
        assertTold("odd attention", f, "client");
        f.setup.client_id.clear();
        assertTold("missing attention", f, "client");
        assertTold("missing attention", f, "secret");
        assertTold("noClient unknown", f, "known");
        f.setup.problem = "damaged";
        assertTold("unreadable failing", f, "client");
    }
    void apisConsentAndScopes() {
        SetupFacts f = facts();
        assertTold("unseen unknown", f, "api");
        f.setup.apis = {{PluginId("a"), "people.googleapis.com", true, f.now - 2h},
                        {PluginId("b"), "people.googleapis.com", false, f.now - 1h},
                        {PluginId("c"), "drive.googleapis.com", true, f.now}};
        assertTold("disabled failing", f, "api");
        f.setup.apis[0].at = f.now;
        assertTold("works ok", f, "api");
        assertTold("unseen unknown", f, "consent");
        f.setup.testing_seen = f.now - 1h;
        assertTold("testing attention", f, "consent");
        f.setup.lasting_seen = f.now;
        assertTold("lasting ok", f, "consent");
        f.setup.testing_seen = f.now;
        assertTold("testing attention", f, "consent");
        for (const auto& [most, wanted] : std::map<std::string, const char*>{{"none", "none ok"},
                                                                             {"brand", "brand ok"},
                                                                             {"sensitive", "sensitive attention"},
                                                                             {"restricted", "restricted attention"}}) {
            f.wanted.verification = most;
            assertTold(wanted, f, "scopes");
        }
        for (const SetupCheck& check : setupChecks(f))
            CPPUNIT_ASSERT_MESSAGE(check.link,
                                   check.link.empty() || (check.link.starts_with("https://console.cloud.google.com/") &&
                                                          check.link.ends_with("?project=1234567890")));
    }
    void clocks() {
        SetupFacts f = facts();
        assertTold("unseen unknown", f, "clock");
        for (const auto& [ahead, wanted] : std::map<Millis, const char*>{{30s, "right ok"},
                                                                         {31s, "ahead attention"},
                                                                         {-31s, "behind attention"},
                                                                         {5min, "ahead attention"},
                                                                         {5min + 1s, "ahead failing"},
                                                                         {-1h, "behind failing"}}) {
            f.setup.state.clock_ahead = ahead;
            f.setup.state.clock_seen_at = f.now;
            assertTold(wanted, f, "clock");
        }
    }
    void notifications() {
        SetupFacts f = facts();
        assertTold("off ok", f, "notifications");
        f.webhooks = true;
        assertTold("waiting unknown", f, "notifications");
        f.notifications.watches = 1;
        assertTold("silent attention", f, "notifications");
        f.notifications.last = f.now;
        assertTold("arrive ok", f, "notifications");
    }
    // The web pages' English is ours, and German has the same texts with the same values.
    void everyCheckHasItsWordsInEveryLanguage() {
        const auto textsOf = [](const char* language) {
            const std::string file = std::string(PORTICO_PLUGINS) + "/../web/src/i18n/" + language + "/setup.json";
            return Json::parse(readFile(file)).at("googleSetup").at("checks");
        };
        const auto marks = [](const std::string& text) {
            std::set<std::string> found;
            for (std::size_t at = 0; (at = text.find("{{", at)) != std::string::npos; ++at)
                found.insert(text.substr(at, text.find("}}", at) - at));
            return found;
        };
        const Json english = textsOf("en"), german = textsOf("de");
        std::size_t there = 0;
        for (const auto& [name, codes] : english.members())
            for (const auto& [code, words] : codes.members()) there += code == "title" ? 0 : 1;
        CPPUNIT_ASSERT_EQUAL(setupTexts().size(), there);
        for (const auto& [key, words] : setupTexts()) {
            const std::string name(key.substr(0, key.find('.'))), code(key.substr(key.find('.') + 1));
            CPPUNIT_ASSERT_MESSAGE(std::string(key), english.has(name) && english.at(name).has(code));
            const Json& said = english.at(name).at(code);
            CPPUNIT_ASSERT_EQUAL(std::string(words.seen), said.str("seen"));
            CPPUNIT_ASSERT_EQUAL(std::string(words.advice), said.str("advice"));
            const Json& other = german.at(name).at(code);
            CPPUNIT_ASSERT_MESSAGE(std::string(key), marks(said.str("seen")) == marks(other.str("seen")));
            CPPUNIT_ASSERT_MESSAGE(std::string(key), marks(said.str("advice")) == marks(other.str("advice")));
            CPPUNIT_ASSERT_MESSAGE(std::string(key), other.str("advice").empty() == words.advice.empty());
        }
    }

    Site site_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(GoogleSetupTest);
