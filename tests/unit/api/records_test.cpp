// SPDX-License-Identifier: Apache-2.0
// Contacts, calendar, catalogue, imports: the rules of HTTP around the CRM's own.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "fixture.h"
#include "host/sync/links.h"

using namespace portico;
using namespace portico::api::test;

class RecordsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RecordsTest);
    CPPUNIT_TEST(aContactLivesFromPostToDelete);
    CPPUNIT_TEST(aChangeNeedsTheVersionItWasMadeFrom);
    CPPUNIT_TEST(unknownMembersAreRefusedByName);
    CPPUNIT_TEST(badParametersAreNamed);
    CPPUNIT_TEST(aRepeatedPostIsDoneOnce);
    CPPUNIT_TEST(aKeyForAnotherRequestIsRefused);
    CPPUNIT_TEST(aFailedPostCanBeRepeated);
    CPPUNIT_TEST(listsComeInPages);
    CPPUNIT_TEST(doubleBookingSaysWithWhat);
    CPPUNIT_TEST(anAppointmentShowsNamesAndCancels);
    CPPUNIT_TEST(aBookedContactStays);
    CPPUNIT_TEST(availabilityNeverGuessesFree);
    CPPUNIT_TEST(gapsLieInsideWorkingHours);
    CPPUNIT_TEST(aDeletedServiceIsOutOfUse);
    CPPUNIT_TEST(notesAndTimelineNamePeople);
    CPPUNIT_TEST(anImportIsPreviewedCommittedAndUndone);
    CPPUNIT_TEST(aFileThatIsNoImportIsTheFilesFault);
    CPPUNIT_TEST(everyChangeHasItsEvent);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { owner_.emplace(site_.signedIn()); }

private:
    void aContactLivesFromPostToDelete() {
        const Answer made = addContact(*owner_, "Ada Lovelace");
        CPPUNIT_ASSERT_EQUAL(201, made.status);
        CPPUNIT_ASSERT_EQUAL(std::string("\"v1\""), made.etag());
        const std::string path = "/contacts/" + made.id();
        CPPUNIT_ASSERT_EQUAL(std::string("Ada Lovelace"), owner_->get(path).body.str("displayName"));
        CPPUNIT_ASSERT(owner_->get(path).body.at("sync").items().empty());
        const Answer changed = owner_->put(path, card("Ada King"), made.etag());
        CPPUNIT_ASSERT_EQUAL(200, changed.status);
        CPPUNIT_ASSERT_EQUAL(std::string("\"v2\""), changed.etag());
        CPPUNIT_ASSERT(
            owner_->post(path + "/archive", Json::object({{"archived", true}})).body.at("archived").boolean());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, owner_->get("/contacts?archived=true").body.at("items").items().size());
        CPPUNIT_ASSERT_EQUAL(204, owner_->del(path, "\"v3\"").status);
        CPPUNIT_ASSERT_EQUAL(404, owner_->get(path).status);
    }
    void aChangeNeedsTheVersionItWasMadeFrom() {
        const std::string path = "/contacts/" + addContact(*owner_, "Ada").id();
        const Answer without = owner_->put(path, card("Bea"), "");
        CPPUNIT_ASSERT_EQUAL(428, without.status);
        CPPUNIT_ASSERT_EQUAL(std::string("if_match_required"), without.code());
        for (const char* tag : {"\"v9\"", "\"v0\"", "*", "v1", "W/\"v1\"", "\"v1x\""}) {
            const Answer stale = owner_->put(path, card("Bea"), tag);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(tag, 412, stale.status);
            CPPUNIT_ASSERT_EQUAL(std::string("stale_version"), stale.code());
        }
        CPPUNIT_ASSERT_EQUAL(428, owner_->del(path).status);
        CPPUNIT_ASSERT_EQUAL(std::string("Ada"), owner_->get(path).body.str("displayName"));
    }
    void unknownMembersAreRefusedByName() {
        const auto check = [&](const std::string& method, const std::string& path, const Json& body,
                               const std::string& pointer) {
            const Answer answer = owner_->send(method, path, body, {{"If-Match", "\"v1\""}});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path + answer.text, 400, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("invalid_body"), answer.code());
            CPPUNIT_ASSERT_EQUAL(pointer, answer.body.at("errors").items().at(0).str("path"));
        };
        check("POST", "/contacts", card("Ada").set("version", 7), "/version");
        check("POST", "/services", Json::object({{"name", "x"}, {"durationMinutes", 5}, {"tenantId", "y"}}),
              "/tenantId");
        check("PATCH", "/me", Json::object({{"role", "owner"}}), "/role");
        check("PATCH", "/users/" + owner_->me.at("user").str("id"), Json::object({{"email", "a@b.test"}}), "/email");
        Json booking = appointmentBody(newId(), newId());
        booking.set("participants", Json::array({Json::object({{"name", "x"}, {"admin", true}})}));
        check("POST", "/appointments", booking, "/participants/0/admin");
        check("POST", "/contacts", Json::object(), "/card");
    }
    void badParametersAreNamed() {
        for (const char* path : {"/contacts?limit=0", "/contacts?limit=501", "/contacts?limit=x",
                                 "/contacts?archived=yes", "/services?after=nothing"}) {
            const Answer answer = owner_->get(path);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 400, answer.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string("invalid_parameter"), answer.code());
        }
        CPPUNIT_ASSERT_EQUAL(415,
                             owner_->sendBytes("POST", "/contacts", "{}", {{"Content-Type", "text/plain"}}).status);
        CPPUNIT_ASSERT_EQUAL(
            400, owner_->sendBytes("POST", "/contacts", "{", {{"Content-Type", "application/json"}}).status);
    }
    void aRepeatedPostIsDoneOnce() {
        const Headers key{{"Idempotency-Key", "one-click"}};
        const Answer first = owner_->post("/contacts", card("Ada"), key);
        const Answer second = owner_->post("/contacts", card("Ada"), key);
        CPPUNIT_ASSERT_EQUAL(201, second.status);
        CPPUNIT_ASSERT_EQUAL(first.text, second.text);
        CPPUNIT_ASSERT_EQUAL(first.etag(), second.etag());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, owner_->get("/contacts").body.at("items").items().size());
        auto other = site_.signedIn("owner@two.test");
        CPPUNIT_ASSERT(other.post("/contacts", card("Ada"), key).id() != first.id());
        site_.clock.advance(std::chrono::hours(11));
        CPPUNIT_ASSERT_EQUAL(200, owner_->get("/me").status);
        site_.clock.advance(std::chrono::hours(11));
        CPPUNIT_ASSERT_EQUAL(200, owner_->get("/me").status);
        site_.clock.advance(std::chrono::hours(3));
        CPPUNIT_ASSERT(owner_->post("/contacts", card("Ada"), key).id() != first.id());
    }
    void aKeyForAnotherRequestIsRefused() {
        const Headers key{{"Idempotency-Key", "k"}};
        owner_->post("/contacts", card("Ada"), key);
        for (const Answer& answer :
             {owner_->post("/contacts", card("Bea"), key),
              owner_->post("/services", Json::object({{"name", "x"}, {"durationMinutes", 5}}), key)}) {
            CPPUNIT_ASSERT_EQUAL(422, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("idempotency_mismatch"), answer.code());
        }
        for (const std::string& bad : {std::string(65, 'k'), std::string("a b")})
            CPPUNIT_ASSERT_EQUAL(400, owner_->post("/contacts", card("Ada"), {{"Idempotency-Key", bad}}).status);
    }
    void aFailedPostCanBeRepeated() {
        const Headers key{{"Idempotency-Key", "k"}};
        const std::string staff = addStaff(*owner_, "Mia"), contact = addContact(*owner_, "Ada").id();
        const std::string blocking = owner_->post("/appointments", appointmentBody(staff, contact)).id();
        CPPUNIT_ASSERT_EQUAL(409, owner_->post("/appointments", appointmentBody(staff, contact), key).status);
        CPPUNIT_ASSERT_EQUAL(204, owner_->del("/appointments/" + blocking, "\"v1\"").status);
        CPPUNIT_ASSERT_EQUAL(201, owner_->post("/appointments", appointmentBody(staff, contact), key).status);
    }
    void listsComeInPages() {
        for (const char* name : {"Ada", "Bea", "Cleo", "Dana", "Eve"}) {
            addContact(*owner_, name);
            owner_->post("/services", Json::object({{"name", name}, {"durationMinutes", 30}}));
        }
        for (const std::string list : {"/contacts", "/services"}) {
            std::vector<std::string> seen;
            std::string after;
            for (int pages = 0; pages < 3; ++pages) {
                const Answer page = owner_->get(list + "?limit=2" + (after.empty() ? "" : "&after=" + after));
                for (const Json& item : page.body.at("items").items()) seen.push_back(item.str("id"));
                after = page.body.getStr("next");
            }
            CPPUNIT_ASSERT(after.empty());
            CPPUNIT_ASSERT_EQUAL(std::size_t{5}, std::set<std::string>(seen.begin(), seen.end()).size());
        }
    }
    void doubleBookingSaysWithWhat() {
        const std::string staff = addStaff(*owner_, "Mia"), contact = addContact(*owner_, "Ada").id();
        const std::string first = owner_->post("/appointments", appointmentBody(staff, contact)).id();
        const Answer refused = owner_->post("/appointments", appointmentBody(staff, contact, "2026-11-23T09:30"));
        CPPUNIT_ASSERT_EQUAL(409, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), refused.code());
        const Json& conflict = refused.body.at("conflicts").items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("appointment"), conflict.str("kind"));
        CPPUNIT_ASSERT_EQUAL(first, conflict.str("id"));
        CPPUNIT_ASSERT_EQUAL(staff, conflict.str("staffId"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T09:00:00.000Z"), conflict.str("startsAt"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T10:00:00.000Z"), conflict.str("endsAt"));
        const Json block = Json::object(
            {{"staffId", staff}, {"title", "Lunch"}, {"start", "2026-11-23T09:15"}, {"durationMinutes", 15}});
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), owner_->post("/block-times", block).code());
    }
    void anAppointmentShowsNamesAndCancels() {
        const std::string staff = addStaff(*owner_, "Mia"), contact = addContact(*owner_, "Ada").id();
        const Answer made = owner_->post("/appointments", appointmentBody(staff, contact));
        CPPUNIT_ASSERT_EQUAL(201, made.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Ada"), made.body.at("contacts").items().at(0).str("displayName"));
        CPPUNIT_ASSERT_EQUAL(std::string("Europe/London"), made.body.str("timeZone"));
        CPPUNIT_ASSERT(made.body.at("serviceId").isNull());
        CPPUNIT_ASSERT_EQUAL(
            std::size_t{1}, owner_->get("/appointments?from=2026-11-23&to=2026-11-24").body.at("items").items().size());
        CPPUNIT_ASSERT(owner_->get("/appointments?from=2026-11-24&to=2026-11-25").body.at("items").items().empty());
        const Headers version{{"If-Match", made.etag()}};
        CPPUNIT_ASSERT_EQUAL(
            std::string("cancelled"),
            owner_->post("/appointments/" + made.id() + "/cancel", Json::object(), version).body.str("status"));
        CPPUNIT_ASSERT_EQUAL(201, owner_->post("/appointments", appointmentBody(staff, contact)).status);
        const Answer skipped = owner_->post("/appointments", appointmentBody(staff, contact, "2026-03-29T01:30"));
        CPPUNIT_ASSERT_EQUAL(422, skipped.status);
        CPPUNIT_ASSERT_EQUAL(std::string("no_such_local_time"), skipped.code());
    }
    void aBookedContactStays() {
        const Answer contact = addContact(*owner_, "Ada");
        const Answer booked = owner_->post("/appointments", appointmentBody(addStaff(*owner_, "Mia"), contact.id()));
        const Answer refused = owner_->del("/contacts/" + contact.id(), contact.etag());
        CPPUNIT_ASSERT_EQUAL(409, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("contact_in_use"), refused.code());
        owner_->del("/appointments/" + booked.id(), booked.etag());
        CPPUNIT_ASSERT_EQUAL(204, owner_->del("/contacts/" + contact.id(), contact.etag()).status);
    }
    std::string staffWithCalendar() {
        const auto user = site_.userOf("owner@one.test");
        sync::StreamState stream;
        stream.key = {site_.vault.connect(user.tenant, user.id, "google-calendar"), "events"};
        stream.plugin = "google-calendar";
        stream.collection = "primary";
        stream.user = user.id;
        site_.database.write(user.tenant, [&](storage::Tx& tx) { sync::saveStream(tx, stream); });
        const Json hours = Json::parse(R"({"mon":[{"from":"09:00","to":"12:00"}]})");
        return owner_
            ->post("/staff", Json::object({{"name", "Mia"}, {"userId", user.id.str()}, {"workingHours", hours}}))
            .id();
    }
    void availabilityNeverGuessesFree() {
        const std::string path = "/availability?date=2026-11-23&staffId=" + staffWithCalendar();
        site_.plugins.busy_lines = {Json::parse(
            R"({"collection":"primary","busy":[{"start":"2026-11-23T10:00:00Z","end":"2026-11-23T10:30:00Z"}]})")};
        const Answer known = owner_->get(path);
        CPPUNIT_ASSERT_EQUAL(std::string("known"), known.body.at("sources").items().at(0).str("state"));
        const Json& busy = known.body.at("busy").items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("external"), busy.str("kind"));
        CPPUNIT_ASSERT_EQUAL(std::string("google-calendar"), busy.str("source"));
        CPPUNIT_ASSERT(busy.at("title").isNull() && busy.at("id").isNull());
        site_.plugins.busy_lines = {Json::parse(R"({"collection":"primary","unknown":"quota is used up"})")};
        CPPUNIT_ASSERT_EQUAL(std::string("known"), owner_->get(path).body.at("sources").items().at(0).str("state"));
        site_.clock.advance(std::chrono::minutes(6));
        const Answer unknown = owner_->get(path);
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), unknown.body.at("sources").items().at(0).str("state"));
        CPPUNIT_ASSERT_EQUAL(std::string("quota is used up"), unknown.body.at("sources").items().at(0).str("reason"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{360}, unknown.body.at("sources").items().at(0).integer("ageSeconds"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, unknown.body.at("busy").items().size());  // what was known stays
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"),
                             owner_->get(path + "&days=31").body.at("sources").items().at(0).str("state"));
    }
    void gapsLieInsideWorkingHours() {
        const std::string staff = staffWithCalendar();
        owner_->post("/appointments", appointmentBody(staff, addContact(*owner_, "Ada").id(), "2026-11-23T10:00"));
        const std::string path = "/availability?date=2026-11-23&days=2&durationMinutes=60&staffId=" + staff;
        const Json free = owner_->get(path).body.at("free");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, free.items().size());
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T09:00:00.000Z"), free.items()[0].str("startsAt"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T11:00:00.000Z"), free.items()[1].str("startsAt"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T12:00:00.000Z"), free.items()[1].str("endsAt"));
    }
    void aDeletedServiceIsOutOfUse() {
        const Answer made = owner_->post("/services", Json::object({{"name", "Cut"}, {"durationMinutes", 30}}));
        CPPUNIT_ASSERT_EQUAL(204, owner_->del("/services/" + made.id(), made.etag()).status);
        CPPUNIT_ASSERT(owner_->get("/services").body.at("items").items().empty());
        CPPUNIT_ASSERT(!owner_->get("/services?inactive=true").body.at("items").items().at(0).at("active").boolean());
    }
    void notesAndTimelineNamePeople() {
        const std::string path = "/contacts/" + addContact(*owner_, "Ada").id();
        CPPUNIT_ASSERT_EQUAL(std::string("Olivia One"),
                             owner_->post(path + "/notes", Json::object({{"text", "likes tea"}})).body.str("author"));
        CPPUNIT_ASSERT_EQUAL(std::string("likes tea"),
                             owner_->get(path + "/notes").body.at("items").items().at(0).str("text"));
        const Answer page = owner_->get(path + "/timeline");
        const auto& timeline = page.body.at("items").items();
        CPPUNIT_ASSERT(
            std::any_of(timeline.begin(), timeline.end(), [](const Json& e) { return e.str("kind") == "note"; }));
        CPPUNIT_ASSERT(
            std::any_of(timeline.begin(), timeline.end(), [](const Json& e) { return e.str("kind") == "change"; }));
    }
    Answer preview(const std::string& csv) {
        return owner_->sendBytes("POST", "/contacts/imports?name=google.csv", csv, {{"Content-Type", "text/csv"}});
    }
    void anImportIsPreviewedCommittedAndUndone() {
        const Answer seen = preview("Name,E-mail 1 - Value\nAda,ada@x.test\nBea,bea@x.test\n");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(seen.text, 201, seen.status);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, seen.body.integer("ready"));
        CPPUNIT_ASSERT_EQUAL(std::string("ada@x.test"), seen.body.at("sample").items().at(0).str("email"));
        CPPUNIT_ASSERT(owner_->get("/contacts").body.at("items").items().empty());
        const std::string path = "/contacts/imports/" + seen.id();
        CPPUNIT_ASSERT_EQUAL(409, owner_->post(path + "/undo").status);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, owner_->post(path + "/commit").body.integer("created"));
        CPPUNIT_ASSERT_EQUAL(std::string("import_done"), owner_->post(path + "/commit").code());
        CPPUNIT_ASSERT_EQUAL(std::string("committed"), owner_->get(path).body.str("state"));
        CPPUNIT_ASSERT_EQUAL(
            std::int64_t{2},
            preview("Name,E-mail 1 - Value\nAda,ada@x.test\nB,bea@x.test\n").body.integer("duplicates"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, owner_->post(path + "/undo").body.integer("kept"));
        CPPUNIT_ASSERT(owner_->get("/contacts").body.at("items").items().empty());
        const Answer waiting = preview("Name\nCleo\n");
        site_.clock.advance(std::chrono::minutes(61));
        CPPUNIT_ASSERT_EQUAL(404, owner_->get("/contacts/imports/" + waiting.id()).status);
    }
    void aFileThatIsNoImportIsTheFilesFault() {
        CPPUNIT_ASSERT_EQUAL(415, preview("Name\nJ\xFCrgen\n").status);
        CPPUNIT_ASSERT_EQUAL(422, preview("colour,size\nred,4\n").status);
    }
    void everyChangeHasItsEvent() {
        const std::string staff = addStaff(*owner_, "Mia"), contact = addContact(*owner_, "Ada").id();
        owner_->post("/appointments", appointmentBody(staff, contact));
        owner_->post("/contacts/" + contact + "/archive", Json::object({{"archived", true}}));
        const auto types = site_.eventTypes(site_.tenantOf("owner@one.test"));
        for (const char* type :
             {"session.started", "staff.created", "contact.created", "appointment.created", "contact.archived"})
            CPPUNIT_ASSERT_MESSAGE(type, std::find(types.begin(), types.end(), type) != types.end());
    }

    Site site_;
    std::optional<Browser> owner_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RecordsTest);
