// SPDX-License-Identifier: Apache-2.0
// Real answers held against the schemas of openapi.yaml: every required member is there, none is there that the file
// does not know, down through the schemas it refers to.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "fixture.h"
#include "host/api/openapi.h"
#include "openapi_file.h"

using namespace portico;
using namespace portico::api::test;

class ShapesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ShapesTest);
    CPPUNIT_TEST(peopleAndSessions);
    CPPUNIT_TEST(thePrivacyPage);
    CPPUNIT_TEST(recordsAndTheirLists);
    CPPUNIT_TEST(filesAndConnections);
    CPPUNIT_TEST(pluginsSyncAndAudit);
    CPPUNIT_TEST(aMissingMemberWouldBeSeen);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { owner_.emplace(site_.signedIn()); }

private:
    // Empty when the value is as the schema says; else where it is not.
    std::string fault(const Json& value, const std::string& schema, const std::string& place = "") const {
        if (value.isNull() || schema.empty()) return "";
        if (value.isArray()) {
            for (const Json& item : value.items())
                if (const std::string found = fault(item, schema, place + "[]"); !found.empty()) return found;
            return "";
        }
        const DocumentedSchema& known = schemas_.at(schema);
        for (const std::string& name : known.required)
            if (!value.has(name)) return place + "/" + name + " of " + schema + " is missing";
        if (known.open || known.properties.empty()) return "";
        for (const auto& [name, member] : value.members()) {
            const auto property = known.properties.find(name);
            if (property == known.properties.end()) return place + "/" + name + " is not in " + schema;
            if (const std::string found = fault(member, property->second, place + "/" + name); !found.empty())
                return found;
        }
        return "";
    }
    void check(const Answer& answer, const std::string& schema) {
        CPPUNIT_ASSERT_MESSAGE(answer.text, answer.status < 300);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(schema, std::string(), fault(answer.body, schema));
    }
    // A list with at least one item.
    void checkList(const std::string& path, const std::string& schema) {
        const Answer answer = owner_->get(path);
        CPPUNIT_ASSERT_MESSAGE(path + answer.text, answer.body.has("next") && !answer.body.at("items").items().empty());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string(), fault(answer.body.at("items"), schema));
    }

    void peopleAndSessions() {
        check(owner_->get("/session"), "SessionState");
        check(owner_->get("/me"), "Me");
        checkList("/sessions", "Session");
        checkList("/me/sign-ins", "SignInNote");
        checkList("/users", "User");
        checkList("/tenants", "Tenant");
    }
    void thePrivacyPage() {
        check(owner_->get("/privacy"), "PrivacyAddress");
        check(owner_->get("/privacy/salon-one"), "PrivacyPage");
        const Json named = Json::object({{"name", "Olivia"}, {"address", ""}, {"email", "o@one.test"}});
        check(owner_->send("PUT", "/controller", named), "Controller");
        check(owner_->get("/privacy/salon-one/versions/2"), "PrivacyVersion");
    }
    void recordsAndTheirLists() {
        const Answer contact = addContact(*owner_, "Ada");
        check(contact, "Contact");
        const std::string staff = addStaff(*owner_, "Mia");
        const Json service = Json::object({{"name", "Cut"}, {"durationMinutes", 30}});
        check(owner_->post("/services", service), "Service");
        check(owner_->post("/appointments", appointmentBody(staff, contact.id())), "Appointment");
        check(owner_->post("/block-times", Json::object({{"staffId", staff},
                                                         {"title", "Lunch"},
                                                         {"start", "2026-11-24T12:00"},
                                                         {"durationMinutes", 60}})),
              "BlockTime");
        check(owner_->post("/follow-ups",
                           Json::object({{"contactId", contact.id()}, {"title", "Call"}, {"date", "2026-12-01"}})),
              "FollowUp");
        check(owner_->post("/contacts/" + contact.id() + "/notes", Json::object({{"text", "tea"}})), "Note");
        check(owner_->get("/availability?date=2026-11-23&durationMinutes=30&staffId=" + staff), "Availability");
        check(owner_->sendBytes("POST", "/contacts/imports", "Name\nBea\n", {{"Content-Type", "text/csv"}}), "Import");
        for (const auto& [path, schema] :
             std::map<std::string, std::string>{{"/contacts", "Contact"},
                                                {"/staff", "Staff"},
                                                {"/services", "Service"},
                                                {"/appointments", "Appointment"},
                                                {"/block-times", "BlockTime"},
                                                {"/follow-ups", "FollowUp"},
                                                {"/contacts/" + contact.id() + "/timeline", "TimelineEntry"}})
            checkList(path, schema);
    }
    void filesAndConnections() {
        const auto user = site_.userOf("owner@one.test");
        const std::string connection = site_.vault.connect(user.tenant, user.id, "google-drive").str();
        const std::string file =
            owner_->sendBytes("POST", "/files?name=a.txt", "x", {{"Content-Type", "text/plain"}}).id();
        check(owner_->post("/files/" + file + "/drive"), "File");
        check(owner_->post("/files/" + file + "/shares", Json::object({{"email", "b@x.test"}, {"role", "reader"}})),
              "File");
        checkList("/files", "File");
        checkList("/connections", "Connection");
        checkList("/connections/log", "ConnectionLogEntry");
        credential::Use use;
        use.id = newId();
        use.user = user.id;
        use.refusal = "not in the manifest";
        site_.vault.addUse(use);
        checkList("/connections/uses", "ConnectionUse");
        checkList("/connections/uses-by-day", "ConnectionUseGroup");
        check(owner_->get("/connections/" + connection + "/leaving"), "LeavingView");
        check(owner_->del("/connections/" + connection + "?created=remove"), "Leaving");
        checkList("/connections/leavings", "Leaving");
        check(owner_->del("/connections/" + connection), "DisconnectReceipt");
    }
    void pluginsSyncAndAudit() {
        site_.plugins.unconsented = {{"host", "elsewhere.test", "Exchanges data with another host", ""}};
        checkList("/plugins", "Plugin");
        check(owner_->get("/plugins/google-contacts"), "Plugin");
        check(owner_->post("/plugins/google-contacts/disable", Json::object({{"data", "erase"}})), "Plugin");
        check(owner_->post("/plugins/google-contacts/enable"), "Plugin");
        checkList("/audit-events", "AuditEvent");
        const auto user = site_.userOf("owner@one.test");
        sync::StreamStatus status;
        status.connection = site_.vault.connect(user.tenant, user.id, "google-contacts");
        status.plugin = "google-contacts";
        status.user = user.id;
        site_.sync.streams[user.tenant] = {status};
        sync::Conflict conflict{{status.connection, "contacts"}, {}};
        conflict.link.local_kind = "contact";
        conflict.link.local_id = newId();
        conflict.link.base_local = Json::parse(R"({"name":{"full":"Ada"},"notes":1})");
        conflict.link.remote_now = Json::parse(R"({"name":{"full":"Ada L."}})");
        site_.sync.in_conflict = {conflict};
        checkList("/sync", "SyncStatus");
        checkList("/sync/conflicts", "SyncConflict");
    }
    void aMissingMemberWouldBeSeen() {
        Json contact = addContact(*owner_, "Ada").body;
        CPPUNIT_ASSERT_EQUAL(std::string(), fault(contact, "Contact"));
        CPPUNIT_ASSERT(!fault(Json(contact).erase("archived"), "Contact").empty());
        CPPUNIT_ASSERT(!fault(Json(contact).set("secret", 1), "Contact").empty());
        contact.set("sync", Json::array({Json::object()}));
        CPPUNIT_ASSERT_EQUAL(std::string("/sync[]/plugin of SyncState is missing"), fault(contact, "Contact"));
    }

    const std::map<std::string, DocumentedSchema> schemas_ = readSchemas(api::openApiText());
    Site site_;
    std::optional<Browser> owner_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ShapesTest);
