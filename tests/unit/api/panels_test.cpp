// SPDX-License-Identifier: Apache-2.0
// What plugins draw, through the API: who may see it, what the plugin is told, what becomes of a bad or failing one.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"
#include "host/base/error.h"
#include "host/sync/links.h"

using namespace portico;
using namespace portico::api::test;

class PanelsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PanelsTest);
    CPPUNIT_TEST(aPanelIsCheckedAndGivenOut);
    CPPUNIT_TEST(thePluginIsToldOfTheReadersOwnLinksOnly);
    CPPUNIT_TEST(comingAppointmentsGoToWhoMayReadThem);
    CPPUNIT_TEST(roleEnablementAndConnectionAreAsked);
    CPPUNIT_TEST(otherTenantsRecordsAreNotFound);
    CPPUNIT_TEST(aBadTreeIsAProblemAndNotAPage);
    CPPUNIT_TEST(thePluginHasFiveSeconds);
    CPPUNIT_TEST(actionsAreRecordedAndMayRunTheirStreams);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        owner_.emplace(site_.signedIn());
        contact_ = addContact(*owner_, "Ada").id();
        site_.plugins.trees["google-contacts.panel"] = Json::parse(R"({"type":"text","text":"Hello"})");
    }

private:
    std::string panel(const std::string& query = "") const {
        return "/plugins/google-contacts/ui/client.panel/v1?contact=" + contact_ + query;
    }
    ConnectionId connect(const std::string& email) {
        return site_.vault.connect(site_.tenantOf(email), site_.userOf(email).id, "google-contacts");
    }
    void link(const ConnectionId& connection, const std::string& kind, const std::string& id, const std::string& ref) {
        site_.database.write(site_.tenantOf("owner@one.test"), [&](storage::Tx& tx) {
            sync::Link link;
            link.local_kind = kind;
            link.local_id = id;
            link.collection = "all";
            link.remote_ref = ref;
            link.state = "synced";
            sync::saveLink(tx, {connection, "contacts"}, link, 0);
        });
    }
    // The args of the newest call.
    Json told() const {
        const std::string& call = site_.plugins.calls.back();
        return Json::parse(call.substr(call.find(' ') + 1));
    }

    void aPanelIsCheckedAndGivenOut() {
        connect("owner@one.test");
        site_.plugins.trees["google-contacts.panel"] = Json::parse(
            R"({"type":"stack","children":[{"type":"html","html":"x"},{"type":"text","text":"<b>","evil":1}]})");
        const Answer answer = owner_->get(panel("&locale=de"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"tree":{"type":"stack","children":[{"type":"text","text":"<b>","tone":"normal"}]}})"),
            answer.body.dump());
        CPPUNIT_ASSERT_EQUAL(std::string("de"), told().str("locale"));
        CPPUNIT_ASSERT_EQUAL(std::string("client.panel/v1"), told().str("point"));

        const Answer plugin = owner_->get("/plugins/google-contacts");
        CPPUNIT_ASSERT_EQUAL(std::string("client.panel/v1"), plugin.body.at("contributes").items()[0].str("point"));
        // The manifest also names a point of some later version.
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, plugin.body.at("contributes").items().size());
        CPPUNIT_ASSERT_EQUAL(404, owner_->get("/plugins/google-contacts/ui/hologram.wall/v7").status);
        CPPUNIT_ASSERT_EQUAL(404, owner_->get("/plugins/google-drive/ui/client.panel/v1?contact=" + contact_).status);
    }
    void thePluginIsToldOfTheReadersOwnLinksOnly() {
        site_.addUser("owner@one.test", "other@one.test", identity::Role::Staff);
        const ConnectionId mine = connect("owner@one.test"), theirs = connect("other@one.test");
        link(mine, "contact", contact_, "people/mine");
        link(theirs, "contact", contact_, "people/theirs");
        owner_->get(panel());
        CPPUNIT_ASSERT_EQUAL(contact_, told().at("contact").str("id"));
        const Json::Array links = told().at("contact").at("links").items();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, links.size());
        CPPUNIT_ASSERT_EQUAL(std::string("people/mine"), links[0].str("ref"));
        auto other = site_.signedIn("other@one.test");
        other.get(panel());
        CPPUNIT_ASSERT_EQUAL(std::string("people/theirs"), told().at("contact").at("links").items()[0].str("ref"));
        CPPUNIT_ASSERT(!told().has("appointments"));  // it asks for clients alone
    }
    void comingAppointmentsGoToWhoMayReadThem() {
        const std::string staff = addStaff(*owner_, "Mia");
        const std::string booked = owner_->post("/appointments", appointmentBody(staff, contact_)).id();
        owner_->post("/appointments", appointmentBody(staff, contact_, "2020-01-01T09:00"));
        site_.plugins.trees["google-calendar.panel"] = Json::parse(R"({"type":"text","text":"Hello"})");
        const Answer answer = owner_->get("/plugins/google-calendar/ui/client.panel/v1?contact=" + contact_);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        const Json::Array coming = told().at("appointments").items();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, coming.size());
        CPPUNIT_ASSERT_EQUAL(booked, coming[0].str("id"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T09:00"), coming[0].str("start"));
    }
    void roleEnablementAndConnectionAreAsked() {
        Answer answer = owner_->get(panel());
        CPPUNIT_ASSERT_EQUAL(std::string("connection_needed"), answer.code());
        connect("owner@one.test");
        CPPUNIT_ASSERT_EQUAL(200, owner_->get(panel()).status);
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_parameter"),
                             owner_->get("/plugins/google-contacts/ui/client.panel/v1").code());

        site_.plugins.trees["google-contacts.check"] = Json::parse(R"({"type":"text","text":"Hello"})");
        const std::string admins = "/plugins/google-contacts/ui/command/v1";
        CPPUNIT_ASSERT_EQUAL(200, owner_->get(admins).status);
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        CPPUNIT_ASSERT_EQUAL(std::string("role_needed"), staff.get(admins).code());
        CPPUNIT_ASSERT_EQUAL(401, site_.browser().get(panel()).status);

        owner_->post("/plugins/google-contacts/disable");
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"), owner_->get(panel()).code());
    }
    void otherTenantsRecordsAreNotFound() {
        connect("owner@two.test");
        auto stranger = site_.signedIn("owner@two.test");
        const std::size_t before = site_.plugins.calls.size();
        CPPUNIT_ASSERT_EQUAL(404, stranger.get(panel()).status);
        CPPUNIT_ASSERT_EQUAL(before, site_.plugins.calls.size());  // the plugin never heard of it
    }
    void aBadTreeIsAProblemAndNotAPage() {
        connect("owner@one.test");
        const Json hostile = Json::object({{"type", "link"}, {"label", "x"}, {"href", "javascript:alert(1)"}});
        for (const Json& tree : {hostile, Json::array(), Json::object(), Json::parse(R"({"type":"text","text":7})")}) {
            site_.plugins.trees["google-contacts.panel"] = tree;
            const Answer answer = owner_->get(panel());
            CPPUNIT_ASSERT_EQUAL(503, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("bad_panel"), answer.code());
        }
        site_.plugins.failures.emplace("google-contacts.panel",
                                       Error(Code::Unavailable, "plugin_ended", "the plugin ended"));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_unavailable"), owner_->get(panel()).code());
    }
    void thePluginHasFiveSeconds() {
        connect("owner@one.test");
        owner_->get(panel());
        CPPUNIT_ASSERT(site_.plugins.time_left <= Millis(5'000) && site_.plugins.time_left > Millis(1'000));
    }
    void actionsAreRecordedAndMayRunTheirStreams() {
        const ConnectionId mine = connect("owner@one.test");
        site_.plugins.trees["google-contacts.sync"] =
            Json::parse(R"({"notice":"Looking","sync":["contacts","somebody-elses"]})");
        const Json body = Json::object({{"args", Json::object()}});
        const Answer answer = owner_->post("/plugins/google-contacts/actions/sync", body);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Looking"), answer.body.at("result").str("notice"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, site_.sync.calls.size());
        CPPUNIT_ASSERT_EQUAL("run google-contacts " + mine.str() + " contacts", site_.sync.calls[0]);
        const auto recorded = [&] {
            const auto types = site_.eventTypes(site_.tenantOf("owner@one.test"));
            return static_cast<int>(std::count(types.begin(), types.end(), "plugin.action_used"));
        };
        CPPUNIT_ASSERT_EQUAL(1, recorded());
        site_.plugins.failures.emplace("google-contacts.sync", Error(Code::Unavailable, "plugin_ended", "ended"));
        CPPUNIT_ASSERT_EQUAL(503, owner_->post("/plugins/google-contacts/actions/sync", body).status);
        CPPUNIT_ASSERT_EQUAL(2, recorded());
    }

    Site site_;
    std::optional<Browser> owner_;
    std::string contact_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(PanelsTest);
