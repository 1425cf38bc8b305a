// SPDX-License-Identifier: Apache-2.0
// Two tenants with the same things. For every route with an id: asked for the other's id it answers exactly what it
// answers for an id that nobody has. A route without a case here fails, so that no new one is forgotten.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"

using namespace portico;
using namespace portico::api::test;

namespace {

// Ids that are the same for all tenants, or no tenant's; and the address of a page that is public.
bool isShared(const std::string& variable) {
    return variable == "pluginId" || variable == "actionName" || variable == "slug" || variable == "number";
}

}  // namespace

class IsolationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(IsolationTest);
    CPPUNIT_TEST(theOthersIdsDoNotExist);
    CPPUNIT_TEST(theOthersIdsCannotBeReferredTo);
    CPPUNIT_TEST(listsShowOnesOwn);
    CPPUNIT_TEST(anotherUsersConnectionDoesNotExist);
    CPPUNIT_TEST_SUITE_END();

    // One of everything, by the name of its path variable.
    std::map<std::string, std::string> things(Browser& browser, const std::string& email) {
        std::map<std::string, std::string> ids;
        ids["contactId"] = addContact(browser, "Ada Client").id();
        ids["staffId"] = addStaff(browser, "Mia");
        ids["serviceId"] = browser.post("/services", Json::object({{"name", "Cut"}, {"durationMinutes", 30}})).id();
        ids["appointmentId"] = browser.post("/appointments", appointmentBody(ids["staffId"], ids["contactId"])).id();
        ids["blockTimeId"] = browser.post("/block-times", blockBody(ids)).id();
        ids["followUpId"] = browser.post("/follow-ups", followUpBody(ids)).id();
        ids["fileId"] = browser.sendBytes("POST", "/files?name=a.txt", "hello", {{"Content-Type", "text/plain"}}).id();
        ids["importId"] = browser.sendBytes("POST", "/contacts/imports", kCsv, {{"Content-Type", "text/csv"}}).id();
        ids["sessionId"] = browser.get("/sessions").body.at("items").items().at(0).str("id");
        ids["tenantId"] = browser.me.at("tenant").str("id");
        ids["userId"] = browser.me.at("user").str("id");
        ids["connectionId"] =
            site_.vault.connect(site_.tenantOf(email), site_.userOf(email).id, "google-contacts").str();
        ids["shareId"] = "perm1";
        ids["leavingId"] = browser.del("/connections/" + ids["connectionId"] + "?created=remove").id();
        ids["pendingId"] = pendingOf(browser);
        for (const auto& [name, id] : ids) CPPUNIT_ASSERT_MESSAGE(name, !id.empty());
        return ids;
    }
    // Somebody else signs in than expected.
    static std::string pendingOf(Browser& browser) {
        const Answer begun = browser.post("/connections/begin", Json::object({{"plugin", "google-contacts"}}));
        const std::string url = begun.body.str("authorizationUrl");
        browser.get("/oauth/callback/google?code=other&state=" + url.substr(url.find("state=") + 6));
        return browser.get("/connections/pending").body.at("items").items().at(0).str("id");
    }
    static constexpr const char* kCsv = "Name,E-mail 1 - Value\nBea,bea@x.test\n";

    static Json blockBody(const std::map<std::string, std::string>& ids) {
        return Json::object({{"staffId", ids.at("staffId")},
                             {"title", "Lunch"},
                             {"start", "2026-11-24T12:00"},
                             {"durationMinutes", 60}});
    }
    static Json followUpBody(const std::map<std::string, std::string>& ids) {
        return Json::object({{"contactId", ids.at("contactId")}, {"title", "Call"}, {"date", "2026-12-01"}});
    }

    // A body that the operation would accept, made of the asker's own things.
    Json bodyFor(const std::string& name, const std::map<std::string, std::string>& own) {
        if (name == "PUT /contacts/{contactId}") return card("Ada");
        if (name == "POST /contacts/{contactId}/archive") return Json::object({{"archived", true}});
        if (name == "POST /contacts/{contactId}/notes") return Json::object({{"text", "called"}});
        if (name == "PUT /appointments/{appointmentId}") return appointmentBody(own.at("staffId"), own.at("contactId"));
        if (name == "PUT /services/{serviceId}") return Json::object({{"name", "Cut"}, {"durationMinutes", 30}});
        if (name == "PUT /staff/{staffId}") return Json::object({{"name", "Mia"}, {"workingHours", Json::object()}});
        if (name == "PUT /block-times/{blockTimeId}") return blockBody(own);
        if (name == "PUT /follow-ups/{followUpId}") return followUpBody(own);
        if (name == "POST /files/{fileId}/shares") return Json::object({{"email", "x@x.test"}, {"role", "reader"}});
        return Json::object();
    }

    Answer ask(Browser& browser, const http::Route& route, const std::map<std::string, std::string>& ids,
               const std::map<std::string, std::string>& own) {
        std::string path = route.pattern;
        for (const std::string& variable : route.variables) {
            CPPUNIT_ASSERT_MESSAGE("no case for {" + variable + "} of " + route.pattern, ids.contains(variable));
            path.replace(path.find("{" + variable + "}"), variable.size() + 2, ids.at(variable));
        }
        const Json body = bodyFor(route.method + " " + route.pattern.substr(7), own);
        return browser.send(route.method, path, body, {{"If-Match", "\"v1\""}});
    }
    // Everything but the request's own id.
    static std::string comparable(const Answer& answer) {
        Json body = answer.body;
        body.erase("instance");
        return std::to_string(answer.status) + " " + body.dump();
    }

    void theOthersIdsDoNotExist() {
        auto one = site_.signedIn("owner@one.test");
        auto two = site_.signedIn("owner@two.test");
        const auto own = things(one, "owner@one.test");
        const auto foreign = things(two, "owner@two.test");
        std::map<std::string, std::string> nobodys = foreign;
        for (auto& [name, id] : nobodys) id = newId();
        int checked = 0;
        for (const http::Route* route : site_.router.routes()) {
            const bool any = !route->variables.empty() && !isShared(route->variables.front());
            if (!any || route->options.machines) continue;
            const std::string name = route->method + " " + route->pattern;
            const Answer answer = ask(one, *route, foreign, own);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name + ": " + answer.text, 404, answer.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("not_found"), answer.code());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, comparable(ask(one, *route, nobodys, own)), comparable(answer));
            ++checked;
        }
        CPPUNIT_ASSERT(checked > 30);
        CPPUNIT_ASSERT_EQUAL(200, two.get("/contacts/" + foreign.at("contactId")).status);
        CPPUNIT_ASSERT_EQUAL(200, two.get("/me").status);
    }
    void theOthersIdsCannotBeReferredTo() {
        auto one = site_.signedIn("owner@one.test");
        auto two = site_.signedIn("owner@two.test");
        const auto own = things(one, "owner@one.test");
        const auto foreign = things(two, "owner@two.test");
        const auto refused = [](const Answer& answer) {
            CPPUNIT_ASSERT_MESSAGE(answer.text, answer.status == 404 || answer.status == 400 || answer.status == 409);
        };
        refused(
            one.post("/appointments", appointmentBody(own.at("staffId"), foreign.at("contactId"), "2026-11-25T09:00")));
        refused(
            one.post("/appointments", appointmentBody(foreign.at("staffId"), own.at("contactId"), "2026-11-25T09:00")));
        refused(one.post("/appointments", appointmentBody(own.at("staffId"), own.at("contactId"), "2026-11-25T09:00")
                                              .set("serviceId", foreign.at("serviceId"))));
        refused(one.post("/block-times", blockBody(foreign)));
        refused(one.post("/follow-ups", followUpBody(foreign)));
        refused(one.get("/availability?date=2026-11-23&staffId=" + foreign.at("staffId")));
        refused(one.sendBytes("POST", "/files?name=a.txt&contactId=" + foreign.at("contactId"), "x",
                              {{"Content-Type", "text/plain"}}));
        site_.vault.connect(site_.tenantOf("owner@one.test"), site_.userOf("owner@one.test").id, "google-drive");
        refused(one.post("/files/pick", Json::object({{"contactId", foreign.at("contactId")}, {"returnTo", "/x"}})));
    }
    void listsShowOnesOwn() {
        auto one = site_.signedIn("owner@one.test");
        auto two = site_.signedIn("owner@two.test");
        const auto foreign = things(two, "owner@two.test");
        for (const char* list : {"/contacts", "/contacts?q=Ada", "/appointments", "/services", "/staff", "/block-times",
                                 "/follow-ups", "/files", "/connections"}) {
            CPPUNIT_ASSERT_MESSAGE(list, one.get(list).body.at("items").items().empty());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(list, std::size_t{1}, two.get(list).body.at("items").items().size());
        }
        CPPUNIT_ASSERT(one.get("/appointments?contactId=" + foreign.at("contactId")).body.at("items").items().empty());
        CPPUNIT_ASSERT_EQUAL(one.me.at("tenant").str("id"),
                             one.get("/tenants").body.at("items").items().at(0).str("id"));
    }
    void anotherUsersConnectionDoesNotExist() {
        auto owner = site_.signedIn("owner@one.test");
        const auto staff = site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        const auto id = site_.vault.connect(staff.tenant, staff.id, "google-contacts");
        CPPUNIT_ASSERT_EQUAL(404, owner.del("/connections/" + id.str()).status);
        CPPUNIT_ASSERT(owner.get("/connections").body.at("items").items().empty());
    }

    Site site_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(IsolationTest);
