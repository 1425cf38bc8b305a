// SPDX-License-Identifier: Apache-2.0
// Connecting with a user name and password, as the page does it.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"

using namespace portico;
using namespace portico::api::test;

class PasswordConnectionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PasswordConnectionTest);
    CPPUNIT_TEST(needsAServerThatAnAdministratorChose);
    CPPUNIT_TEST(theFormIsGoodOnce);
    CPPUNIT_TEST(aRefusedPasswordLeavesNothing);
    CPPUNIT_TEST(aServerThatCannotBeUsedIsNamed);
    CPPUNIT_TEST(anotherServerNeedsConnectingAgain);
    CPPUNIT_TEST(theOperatorsRefusalIsToldTheAdministrator);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { owner_.emplace(site_.signedIn()); }

private:
    Answer choose(const std::string& server) {
        return owner_->put("/plugins/books/settings", Json::object({{"values", Json::object({{"server", server}})}}),
                           "");
    }
    Answer begin() { return owner_->post("/connections/begin", Json::object({{"plugin", "books"}})); }
    Answer send(const std::string& form, const std::string& user = "mia") {
        return owner_->post("/connections/password",
                            Json::object({{"form", form}, {"userName", user}, {"password", "moon-canary"}}));
    }
    std::string form() {
        const Answer answer = begin();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        CPPUNIT_ASSERT(answer.body.at("authorizationUrl").isNull());
        return answer.body.at("password").str("form");
    }
    Json connections() { return owner_->get("/connections").body.at("items"); }

    void needsAServerThatAnAdministratorChose() {
        const Answer answer = begin();
        CPPUNIT_ASSERT_EQUAL(409, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("server_not_chosen"), answer.body.str("code"));
        choose("dav.example.org");
        CPPUNIT_ASSERT_EQUAL(std::string("dav.example.org"), begin().body.at("password").str("server"));
        CPPUNIT_ASSERT_EQUAL(std::string("dav.example.org"), site_.vault.lastBegin().server);
        const Json asked = owner_->get("/plugins/books").body.at("asks").at("connections").items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("dav.example.org"), asked.str("server"));
    }
    void theFormIsGoodOnce() {
        choose("dav.example.org");
        const std::string once = form();
        const Answer made = send(once);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(made.text, 200, made.status);
        CPPUNIT_ASSERT_EQUAL(std::string("basic"), made.body.str("kind"));
        CPPUNIT_ASSERT_EQUAL(std::string("dav.example.org"), made.body.str("server"));
        CPPUNIT_ASSERT(made.text.find("moon-canary") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("connected books " + made.body.str("id")), site_.sync.calls.back());
        CPPUNIT_ASSERT_EQUAL(403, send(once).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections().items().size());
    }
    void aRefusedPasswordLeavesNothing() {
        choose("dav.example.org");
        site_.plugins.on_collections = [&](const ConnectionId& id) {
            site_.vault.refusePassword(id);
            throw Error(Code::Denied, "anything", "401");
        };
        const Answer answer = send(form());
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("password_refused"), answer.body.str("code"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, connections().items().size());
        CPPUNIT_ASSERT(site_.sync.calls.empty());
    }
    void aServerThatCannotBeUsedIsNamed() {
        choose("dav.example.org");
        site_.plugins.on_collections = [](const ConnectionId&) {
            throw Error(Code::Denied, "http_tls", "no secure connection");
        };
        const Answer answer = send(form());
        CPPUNIT_ASSERT_EQUAL(503, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("server_unusable"), answer.body.str("code"));
        CPPUNIT_ASSERT(answer.text.find("no secure connection") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, connections().items().size());
    }
    void anotherServerNeedsConnectingAgain() {
        choose("dav.example.org");
        send(form());
        choose("new.example.org");
        Json shown = connections().items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), shown.str("state"));
        CPPUNIT_ASSERT(shown.str("problem").find("new.example.org") != std::string::npos);
        choose("dav.example.org");
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), connections().items().at(0).str("state"));
        choose("new.example.org");
        send(form());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections().items().size());
        shown = connections().items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("new.example.org"), shown.str("server"));
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), shown.str("state"));
    }
    void theOperatorsRefusalIsToldTheAdministrator() {
        const Answer answer = choose("dav.lan:5232");
        CPPUNIT_ASSERT_EQUAL(422, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_settings"), answer.body.str("code"));
        CPPUNIT_ASSERT(answer.text.find("ask the operator") != std::string::npos);
    }

    Site site_;
    std::optional<Browser> owner_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(PasswordConnectionTest);
