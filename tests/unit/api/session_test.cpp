// SPDX-License-Identifier: Apache-2.0
// Signing in and out, one's own account, users, set-up.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"

using namespace portico;
using namespace portico::api::test;

class SessionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionTest);
    CPPUNIT_TEST(signingInGivesACookieAndMe);
    CPPUNIT_TEST(theStateIsToldToAnybody);
    CPPUNIT_TEST(aWrongPasswordTellsNothing);
    CPPUNIT_TEST(manyWrongPasswordsMustWait);
    CPPUNIT_TEST(signingOutEndsTheSession);
    CPPUNIT_TEST(oneSessionCanEndAnother);
    CPPUNIT_TEST(aNewPasswordEndsTheOtherSessions);
    CPPUNIT_TEST(staffMayChangeTheirOwnNameAndLanguage);
    CPPUNIT_TEST(usersAreMadeChangedAndDeactivated);
    CPPUNIT_TEST(nobodyLocksEverybodyOut);
    CPPUNIT_TEST(aTenantIsChangedByItsOwnAdministrators);
    CPPUNIT_TEST(setUpNeedsItsToken);
    CPPUNIT_TEST(setUpIsNotForPeopleUnder13);
    CPPUNIT_TEST(anInvitedPersonSaysOnceThatTheyAreOfAge);
    CPPUNIT_TEST(eventsReachTheOwnTenantAlone);
    CPPUNIT_TEST_SUITE_END();

    static Json credentials(const std::string& email, const std::string& password) {
        return Json::object({{"email", email}, {"password", password}});
    }

    void signingInGivesACookieAndMe() {
        auto browser = site_.browser();
        const Answer answer = browser.post("/session", credentials("owner@one.test", kPassword));
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        const std::string& cookie = answer.headers.at("set-cookie");
        CPPUNIT_ASSERT(cookie.starts_with("portico="));
        for (const char* attribute : {"; HttpOnly", "; SameSite=Lax", "; Path=/"})
            CPPUNIT_ASSERT_MESSAGE(attribute, cookie.find(attribute) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("Salon One"), answer.body.at("tenant").str("name"));
        CPPUNIT_ASSERT_EQUAL(std::string("owner"), answer.body.at("user").str("role"));
        CPPUNIT_ASSERT(answer.body.at("demo").boolean() && answer.body.at("googleSimulator").isNull());
        CPPUNIT_ASSERT(answer.text.find("argon2") == std::string::npos);
    }
    void theStateIsToldToAnybody() {
        auto browser = site_.browser();
        const Json nobody = browser.get("/session").body;
        CPPUNIT_ASSERT(!nobody.at("signedIn").boolean() && !nobody.at("setupNeeded").boolean());
        CPPUNIT_ASSERT(nobody.at("me").isNull() && nobody.at("csrfToken").isNull());
        browser.signIn("owner@one.test");
        const Json somebody = browser.get("/session").body;
        CPPUNIT_ASSERT(somebody.at("signedIn").boolean());
        CPPUNIT_ASSERT_EQUAL(browser.csrf, somebody.str("csrfToken"));
    }
    void aWrongPasswordTellsNothing() {
        auto browser = site_.browser();
        const Answer wrong = browser.post("/session", credentials("owner@one.test", "wrong password"));
        Answer unknown = browser.post("/session", credentials("nobody@one.test", "wrong password"));
        CPPUNIT_ASSERT_EQUAL(401, wrong.status);
        CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"), wrong.code());
        CPPUNIT_ASSERT_EQUAL(wrong.body.dump(), unknown.body.set("instance", wrong.body.str("instance")).dump());
        CPPUNIT_ASSERT(!wrong.headers.contains("set-cookie"));
    }
    void manyWrongPasswordsMustWait() {
        auto browser = site_.browser();
        Answer answer;
        for (int i = 0; i < 7; ++i) answer = browser.post("/session", credentials("owner@one.test", "wrong password"));
        CPPUNIT_ASSERT_EQUAL(429, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("too_many_attempts"), answer.code());
        CPPUNIT_ASSERT(answer.headers.contains("retry-after"));
    }
    void signingOutEndsTheSession() {
        auto browser = site_.signedIn();
        const Answer answer = browser.del("/session");
        CPPUNIT_ASSERT_EQUAL(204, answer.status);
        CPPUNIT_ASSERT(answer.headers.at("set-cookie").find("Max-Age=0") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(401, browser.get("/me").status);
    }
    void oneSessionCanEndAnother() {
        auto here = site_.signedIn(), there = site_.signedIn();
        std::string other;
        const Answer sessions = here.get("/sessions");
        for (const Json& session : sessions.body.at("items").items())
            if (!session.at("current").boolean()) other = session.str("id");
        CPPUNIT_ASSERT_EQUAL(204, here.del("/sessions/" + other).status);
        CPPUNIT_ASSERT_EQUAL(401, there.get("/me").status);
        CPPUNIT_ASSERT_EQUAL(200, here.get("/me").status);
    }
    void aNewPasswordEndsTheOtherSessions() {
        auto here = site_.signedIn(), there = site_.signedIn();
        const auto change = [&](const std::string& current, const std::string& next) {
            return here.send("PATCH", "/me", Json::object({{"currentPassword", current}, {"newPassword", next}}));
        };
        CPPUNIT_ASSERT_EQUAL(401, change("not the password", "another good one").status);
        CPPUNIT_ASSERT_EQUAL(422, change(kPassword, "short").status);
        CPPUNIT_ASSERT_EQUAL(200, change(kPassword, "another good one").status);
        CPPUNIT_ASSERT_EQUAL(200, here.get("/me").status);
        CPPUNIT_ASSERT_EQUAL(401, there.get("/me").status);
    }
    void staffMayChangeTheirOwnNameAndLanguage() {
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        const Answer answer = staff.send("PATCH", "/me", Json::object({{"name", "Samira"}, {"language", "de"}}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Samira"), answer.body.at("user").str("name"));
        CPPUNIT_ASSERT_EQUAL(std::string("de"), staff.get("/me").body.at("user").str("language"));
        CPPUNIT_ASSERT_EQUAL(400, staff.send("PATCH", "/me", Json::object({{"language", "xx"}})).status);
        staff.send("PATCH", "/me", Json::object({{"language", nullptr}}));
        CPPUNIT_ASSERT(staff.get("/me").body.at("user").at("language").isNull());
    }
    void usersAreMadeChangedAndDeactivated() {
        auto owner = site_.signedIn();
        const Json input =
            Json::object({{"email", "new@one.test"}, {"name", "New"}, {"role", "staff"}, {"password", kPassword}});
        const Answer made = owner.post("/users", input);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(made.text, 201, made.status);
        CPPUNIT_ASSERT_EQUAL(std::string("email_taken"), owner.post("/users", input).code());
        auto person = site_.signedIn("new@one.test");
        const std::string path = "/users/" + made.id();
        const std::string etag = "\"v" + std::to_string(made.body.integer("version")) + "\"";
        const Answer changed = owner.send("PATCH", path, Json::object({{"role", "admin"}}), {{"If-Match", etag}});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(changed.text, 200, changed.status);
        CPPUNIT_ASSERT_EQUAL(200, person.get("/users").status);
        CPPUNIT_ASSERT_EQUAL(403,
                             person.post("/users", Json(input).set("email", "x@one.test").set("role", "owner")).status);
        CPPUNIT_ASSERT(!owner.post(path + "/deactivate").body.at("active").boolean());
        CPPUNIT_ASSERT_EQUAL(401, person.get("/me").status);
        CPPUNIT_ASSERT_EQUAL(401, person.post("/session", credentials("new@one.test", kPassword)).status);
    }
    void nobodyLocksEverybodyOut() {
        auto owner = site_.signedIn();
        const std::string path = "/users/" + owner.me.at("user").str("id");
        CPPUNIT_ASSERT_EQUAL(std::string("own_account"), owner.post(path + "/deactivate").code());
        const std::string etag = "\"v" + std::to_string(owner.me.at("user").integer("version")) + "\"";
        CPPUNIT_ASSERT_EQUAL(std::string("last_owner"),
                             owner.send("PATCH", path, Json::object({{"role", "staff"}}), {{"If-Match", etag}}).code());
    }
    void aTenantIsChangedByItsOwnAdministrators() {
        auto owner = site_.signedIn();
        const std::string path = "/tenants/" + owner.me.at("tenant").str("id");
        const Answer answer = owner.send("PATCH", path, Json::object({{"name", "Salon Uno"}, {"currency", "EUR"}}));
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Salon Uno"), owner.get("/me").body.at("tenant").str("name"));
    }
    void setUpNeedsItsToken() {
        auto browser = site_.browser();
        const Json input = Json::object({{"token", "guess"},
                                         {"tenantName", "X"},
                                         {"timeZone", "Europe/Berlin"},
                                         {"name", "X"},
                                         {"email", "x@x.test"},
                                         {"password", kPassword},
                                         {"ofAge", true}});
        const Answer answer = browser.post("/setup", input);
        CPPUNIT_ASSERT_EQUAL(403, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("setup_token_invalid"), answer.code());
    }
    void setUpIsNotForPeopleUnder13() {
        auto browser = site_.browser();
        Json input = Json::object({{"token", "guess"},
                                   {"tenantName", "X"},
                                   {"timeZone", "Europe/Berlin"},
                                   {"name", "X"},
                                   {"email", "x@x.test"},
                                   {"password", kPassword}});
        for (const bool said : {false, true}) {
            if (said) input.set("ofAge", false);
            const Answer answer = browser.post("/setup", input);
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_body"), answer.code());
            CPPUNIT_ASSERT_EQUAL(std::string("/ofAge"), answer.body.at("errors").items().at(0).str("path"));
        }
    }
    void anInvitedPersonSaysOnceThatTheyAreOfAge() {
        auto owner = site_.signedIn();
        const Json invited =
            Json::object({{"email", "mia@one.test"}, {"name", "Mia"}, {"role", "staff"}, {"password", kPassword}});
        CPPUNIT_ASSERT_EQUAL(201, owner.post("/users", invited).status);
        auto mia = site_.browser();
        for (int i = 0; i < 12; ++i) {  // with the right password this is no failure to be slowed down for
            const Answer refused = mia.post("/session", credentials("mia@one.test", kPassword));
            CPPUNIT_ASSERT_EQUAL(403, refused.status);
            CPPUNIT_ASSERT_EQUAL(std::string("age_unconfirmed"), refused.code());
            CPPUNIT_ASSERT(!refused.headers.contains("set-cookie"));
        }
        const Answer wrong = mia.post("/session", credentials("mia@one.test", "wrong password"));
        CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"), wrong.code());  // who guesses learns nothing
        CPPUNIT_ASSERT_EQUAL(201,
                             mia.post("/session", credentials("mia@one.test", kPassword).set("ofAge", true)).status);
        CPPUNIT_ASSERT_EQUAL(201, mia.post("/session", credentials("mia@one.test", kPassword)).status);
    }
    void eventsReachTheOwnTenantAlone() {
        auto owner = site_.signedIn();
        http::test::Client stream(site_.server->port());
        stream.send("GET /api/v1/events HTTP/1.1\r\nHost: a\r\nCookie: " + owner.cookie + "\r\n\r\n");
        stream.readUntil("\r\n\r\n");
        site_.events.broadcast(site_.tenantOf("owner@two.test"), "contact.created", "theirs");
        site_.events.broadcast(site_.tenantOf("owner@one.test"), "contact.created", "ours");
        const std::string text = stream.readUntil("ours");
        CPPUNIT_ASSERT(text.find("theirs") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(204, owner.del("/session").status);
        CPPUNIT_ASSERT(stream.closedByServer());
    }

    Site site_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionTest);
