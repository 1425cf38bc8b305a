// SPDX-License-Identifier: Apache-2.0
// The privacy page: what it is made from, when its date moves, what stays of earlier versions.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"
#include "host/api/privacy_policy.h"

using namespace portico;
using namespace portico::api::test;

class PrivacyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PrivacyTest);
    CPPUNIT_TEST(theMeaningIsInTheKeysNotInTheWords);
    CPPUNIT_TEST(onlyWhatIsEnabledIsSpokenOf);
    CPPUNIT_TEST(whatIsPassedOnIsSaidAndBoundsThePromise);
    CPPUNIT_TEST(theDateMovesWithTheMeaningAlone);
    CPPUNIT_TEST(theControllerIsNamedByAnAdministrator);
    CPPUNIT_TEST(earlierVersionsStayWithTheirDifferences);
    CPPUNIT_TEST(peopleAreToldUntilTheyHaveSeenIt);
    CPPUNIT_TEST(eachBusinessHasItsOwnPage);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { owner_.emplace(site_.signedIn()); }

private:
    static constexpr const char* kPage = "/privacy/salon-one";

    Json page() {
        auto anybody = site_.browser();
        const auto answer = anybody.get(kPage);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        return answer.body;
    }
    static bool says(const Json& page, const std::string& words) {
        return page.dump().find(words) != std::string::npos;
    }
    Answer name(const std::string& who) {
        return owner_->send("PUT", "/controller",
                            Json::object({{"name", who}, {"address", "1 High St"}, {"email", "privacy@one.test"}}));
    }
    Json notice(Browser& browser) { return browser.get("/session").body.at("me").at("privacy"); }

    void theMeaningIsInTheKeysNotInTheWords() {
        const api::Policy first = {{"a", "A", {{"x", "One."}, {"y", "Two."}}}};
        const api::Policy reworded = {{"a", "Other title", {{"y", "Zwei."}, {"x", "Eins."}}}};
        const api::Policy more = {{"a", "A", {{"x", "One."}, {"y", "Two."}, {"z", "Three."}}}};
        CPPUNIT_ASSERT_EQUAL(api::meaningOf(first), api::meaningOf(reworded));
        CPPUNIT_ASSERT(api::meaningOf(first) != api::meaningOf(more));
        const Json added = api::addedStatements(api::toJson(first), api::toJson(more));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, added.items().size());
        CPPUNIT_ASSERT_EQUAL(std::string("Three."), added.items()[0].str("text"));
        CPPUNIT_ASSERT(api::addedStatements(api::toJson(more), api::toJson(first)).items().empty());
    }
    void onlyWhatIsEnabledIsSpokenOf() {
        CPPUNIT_ASSERT(says(page(), "Google Contacts"));
        owner_->post("/plugins/google-contacts/disable", Json::object());
        CPPUNIT_ASSERT(!says(page(), "Google Contacts"));
    }
    void whatIsPassedOnIsSaidAndBoundsThePromise() {
        const std::string promise = "Google data is not sold, rented, traded or shared with third parties.";
        CPPUNIT_ASSERT(says(page(), promise) && says(page(), "withheld from every plugin but the one that brought it"));
        manifest::Manifest ledger;
        ledger.id = PluginId("ledger");
        ledger.name = "Ledger";
        ledger.version = "1.0.0";
        ledger.trust.state = manifest::Trust::State::Signed;
        ledger.provenance = {{"google-data", "To write bills.", "Ledger Ltd", {"contact.name", "contact.addresses"}}};
        site_.plugins.add(ledger);
        const Json asked = page();
        CPPUNIT_ASSERT(says(asked,
                            "Ledger receives, of what came from the Google account of somebody who allows it "
                            "under Connections: clients' names, their postal addresses. It goes to: Ledger Ltd. "
                            "To write bills."));
        CPPUNIT_ASSERT(!says(asked, promise) && says(asked, "only as said here, by those who allow it"));
        const auto number = asked.integer("number");
        ledger.provenance[0].fields.push_back("contact.notes");
        site_.plugins.add(ledger);
        CPPUNIT_ASSERT_EQUAL(number + 1, page().integer("number"));  // more fields are another meaning
        // A part of Portico that hands them back to Google shares them with nobody.
        ledger.trust.state = manifest::Trust::State::BuiltIn;
        site_.plugins.add(ledger);
        CPPUNIT_ASSERT(says(page(), promise));
    }
    void theDateMovesWithTheMeaningAlone() {
        const Json before = page();
        site_.clock.advance(std::chrono::hours(1));
        CPPUNIT_ASSERT_EQUAL(before.str("lastUpdated"), page().str("lastUpdated"));
        owner_.emplace(site_.signedIn());
        owner_->post("/plugins/google-contacts/enable", Json::object());  // it is already
        owner_->send("PATCH", "/tenants/" + owner_->me.at("tenant").str("id"), Json::object({{"currency", "EUR"}}));
        CPPUNIT_ASSERT_EQUAL(before.str("lastUpdated"), page().str("lastUpdated"));
        owner_->post("/plugins/google-contacts/disable", Json::object());
        site_.clock.advance(std::chrono::hours(1));  // noticed when it was done, not when somebody looked
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21T09:00:00.000Z"), page().str("lastUpdated"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, page().integer("number"));
    }
    void theControllerIsNamedByAnAdministrator() {
        CPPUNIT_ASSERT(!page().at("controllerNamed").boolean());
        CPPUNIT_ASSERT(says(page(), "has not named yet who is responsible"));
        CPPUNIT_ASSERT_EQUAL(200, name("Olivia One").status);
        CPPUNIT_ASSERT(page().at("controllerNamed").boolean() && says(page(), "Olivia One, 1 High St"));
        CPPUNIT_ASSERT_EQUAL(std::string("Olivia One"), owner_->get("/controller").body.str("name"));
        CPPUNIT_ASSERT_EQUAL(400, owner_->send("PUT", "/controller", Json::object({{"name", "X"}})).status);
        CPPUNIT_ASSERT_EQUAL(
            400, owner_->send("PUT", "/controller", Json::object({{"name", "X"}, {"email", "nowhere"}})).status);
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        CPPUNIT_ASSERT_EQUAL(403, staff.get("/controller").status);
    }
    void earlierVersionsStayWithTheirDifferences() {
        page();
        name("Olivia One");
        name("Omar Two");
        const Json list = page().at("versions");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, list.items().size());
        auto anybody = site_.browser();
        const Json second = anybody.get(std::string(kPage) + "/versions/2").body;
        CPPUNIT_ASSERT(says(second.at("added"), "Olivia One") && says(second.at("sections"), "Olivia One"));
        CPPUNIT_ASSERT(says(second.at("removed"), "has not named yet"));
        const Json third = anybody.get(std::string(kPage) + "/versions/3").body;
        CPPUNIT_ASSERT(says(third.at("added"), "Omar Two") && says(third.at("removed"), "Olivia One"));
        for (const char* unknown : {"0", "4", "x", "-1", "99999999999999999999"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(unknown, 404, anybody.get(std::string(kPage) + "/versions/" + unknown).status);
    }
    void peopleAreToldUntilTheyHaveSeenIt() {
        CPPUNIT_ASSERT(notice(*owner_).at("seen").boolean());  // the first version is news to nobody
        name("Olivia One");
        CPPUNIT_ASSERT(!notice(*owner_).at("seen").boolean());
        CPPUNIT_ASSERT_EQUAL(400, owner_->post("/me/privacy-seen", Json::object({{"number", 3}})).status);
        CPPUNIT_ASSERT_EQUAL(204, owner_->post("/me/privacy-seen", Json::object({{"number", 2}})).status);
        CPPUNIT_ASSERT(notice(*owner_).at("seen").boolean());
        name("Omar Two");
        CPPUNIT_ASSERT(!notice(*owner_).at("seen").boolean());
    }
    void eachBusinessHasItsOwnPage() {
        name("Olivia One");
        auto anybody = site_.browser();
        CPPUNIT_ASSERT(!says(anybody.get("/privacy/salon-two").body, "Olivia"));
        CPPUNIT_ASSERT_EQUAL(404, anybody.get("/privacy/salon-three").status);
        CPPUNIT_ASSERT(anybody.get("/privacy").body.at("slug").isNull());  // there are two: none is told
    }

    Site site_;
    std::optional<Browser> owner_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PrivacyTest);
