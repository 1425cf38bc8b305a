// SPDX-License-Identifier: Apache-2.0
// What an admin sees of a plugin and does with it: who connected, what an update wants, disabling with and without
// erasing, the choice of scopes.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "fixture.h"

using namespace portico;
using namespace portico::api::test;

class PluginAdminTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginAdminTest);
    CPPUNIT_TEST(anAdminSeesWhoConnectedButNotWhichAccount);
    CPPUNIT_TEST(whatAnUpdateWantsIsTold);
    CPPUNIT_TEST(disablingKeepsUnlessAskedToErase);
    CPPUNIT_TEST(erasingDisconnectsEverybody);
    CPPUNIT_TEST(oneSetOfScopesIsAskedFor);
    CPPUNIT_TEST_SUITE_END();

    Site site_;
    std::optional<Browser> owner_;
    identity::User user_;

public:
    void setUp() override {
        owner_.emplace(site_.signedIn());
        user_ = site_.userOf("owner@one.test");
    }

private:
    std::int64_t connectionsOf(const UserId& user, const std::string& plugin) {
        const auto all = site_.vault.connections(user_.tenant, user);
        return std::count_if(all.begin(), all.end(), [&](const auto& each) { return each.plugin.str() == plugin; });
    }

    void anAdminSeesWhoConnectedButNotWhichAccount() {
        const identity::User mia = site_.addUser("owner@one.test", "mia@one.test", identity::Role::Staff);
        site_.vault.connect(user_.tenant, mia.id, "google-contacts");
        const Answer answer = owner_->get("/plugins/google-contacts");
        const auto& people = answer.body.at("people").items();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, people.size());
        for (const Json& person : people) {
            const bool is_mia = person.str("userId") == mia.id.str();
            CPPUNIT_ASSERT_EQUAL(std::size_t{is_mia ? 1u : 0u}, person.at("connections").items().size());
        }
        const std::string account = site_.vault.connections(user_.tenant, mia.id).at(0).account;
        CPPUNIT_ASSERT(!account.empty() && answer.text.find(account) == std::string::npos);
        Browser staff = site_.signedIn("mia@one.test");
        CPPUNIT_ASSERT(staff.get("/plugins/google-contacts").body.at("people").isNull());
        CPPUNIT_ASSERT(owner_->get("/plugins/audit-log").body.at("people").isNull());
    }
    void whatAnUpdateWantsIsTold() {
        CPPUNIT_ASSERT(owner_->get("/plugins/google-contacts").body.at("consentChanges").items().empty());
        site_.plugins.unconsented = {
            {"host", "elsewhere.test", "Exchanges data with elsewhere.test", "To be complete"}};
        const Json change = owner_->get("/plugins/google-contacts").body.at("consentChanges").items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("host elsewhere.test To be complete"),
                             change.str("kind") + " " + change.str("what") + " " + change.str("reason"));
    }
    void disablingKeepsUnlessAskedToErase() {
        site_.vault.connect(user_.tenant, user_.id, "google-contacts");
        CPPUNIT_ASSERT(!owner_->post("/plugins/google-contacts/disable").body.getBool("enabled"));
        const Answer kept = owner_->post("/plugins/google-contacts/disable", Json::object({{"data", "keep"}}));
        CPPUNIT_ASSERT_EQUAL(200, kept.status);
        CPPUNIT_ASSERT(kept.body.at("erased").isNull());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, connectionsOf(user_.id, "google-contacts"));
        const Answer odd = owner_->post("/plugins/google-contacts/disable", Json::object({{"data", "some"}}));
        CPPUNIT_ASSERT_EQUAL(400, odd.status);
        CPPUNIT_ASSERT_EQUAL(std::string("builtin_required"), owner_->post("/plugins/audit-log/disable").code());
    }
    void erasingDisconnectsEverybody() {
        const identity::User mia = site_.addUser("owner@one.test", "mia@one.test", identity::Role::Staff);
        site_.vault.connect(user_.tenant, mia.id, "google-contacts");
        site_.vault.connect(user_.tenant, mia.id, "google-drive");
        site_.vault.connect(user_.tenant, user_.id, "google-contacts");
        const Answer answer = owner_->post("/plugins/google-contacts/disable", Json::object({{"data", "erase"}}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        const Json& erased = answer.body.at("erased");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, erased.integer("connections"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, erased.at("receipts").items().size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0},
                             connectionsOf(mia.id, "google-contacts") + connectionsOf(user_.id, "google-contacts"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, connectionsOf(mia.id, "google-drive"));
        CPPUNIT_ASSERT(std::find(site_.sync.calls.begin(), site_.sync.calls.end(), "erased google-contacts") !=
                       site_.sync.calls.end());
        const auto types = site_.eventTypes(user_.tenant);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, std::count(types.begin(), types.end(), "connection.disconnected"));
    }
    std::string asked(Json body) {
        const Answer answer = owner_->post("/connections/begin", body.set("plugin", "google-calendar"));
        if (answer.status != 200) return answer.code();
        std::string all;
        for (const std::string& scope : site_.vault.lastBegin().scopes) all += scope + " ";
        return all;
    }
    void oneSetOfScopesIsAskedFor() {
        CPPUNIT_ASSERT_EQUAL(std::string("https://x.test/own "), asked(Json::object()));
        CPPUNIT_ASSERT_EQUAL(std::string("https://x.test/new "), asked(Json::object({{"scopeSet", "new"}})));
        // Scopes of another set do not come in by the side door.
        CPPUNIT_ASSERT_EQUAL(
            std::string("https://x.test/new "),
            asked(Json::object({{"scopeSet", "new"}, {"scopes", Json::array({"https://x.test/own"})}})));
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_body"), asked(Json::object({{"scopeSet", "none"}})));
        const Answer refused =
            owner_->post("/connections/begin", Json::object({{"plugin", "google-drive"}, {"scopeSet", "own"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_body"), refused.code());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PluginAdminTest);
