// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <stdlib.h>

#include <filesystem>

#include "host/base/error.h"
#include "host/crm/catalogue.h"
#include "host/crm/contacts.h"
#include "host/crm/migrations.h"
#include "host/sync/contact_records.h"
#include "host/sync/event_records.h"
#include "host/sync/event_text.h"

using namespace portico;
using namespace portico::sync;

class RecordsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RecordsTest);
    CPPUNIT_TEST(durationsReadAndWrite);
    CPPUNIT_TEST(oddDurationsAreRefused);
    CPPUNIT_TEST(aFamilySharingANumberStaysTwoPeople);
    CPPUNIT_TEST(theSamePersonIsRecognised);
    CPPUNIT_TEST(anAppointmentGoesToItsOwnStaffMembersCalendar);
    CPPUNIT_TEST(staffWithoutASignInAreInTheOwnersCalendar);
    CPPUNIT_TEST(aMovedEventMovesTheAppointmentAndNothingElse);
    CPPUNIT_TEST(anEventMovedOntoAnotherIsAConflict);
    CPPUNIT_TEST(aRemovedEventCancelsTheAppointment);
    CPPUNIT_TEST(clientNotesStayHere);
    CPPUNIT_TEST_SUITE_END();

    template <class F>
    auto write(F f) {
        return database_->write(context_.tenant, f);
    }

public:
    void setUp() override {
        char name[] = "/tmp/portico-records-XXXXXX";
        folder_ = mkdtemp(name);
        database_ =
            std::make_unique<storage::Database>(storage::Database::Options{folder_ / "crm.db", crm::migrations(), 1});
        write([&](storage::Tx& tx) {
            crm::Staff staff(tx, clock_.now());
            crm::StaffInput dana;
            dana.name = "Dana";
            dana.user_id = "dana";
            dana_ = staff.create(context_, dana).id;
            crm::StaffInput mia;
            mia.name = "Mia";
            mia_ = staff.create(context_, mia).id;
        });
    }
    void tearDown() override {
        database_.reset();
        std::filesystem::remove_all(folder_);
    }

private:
    std::string addContact(const char* full, const char* phone) {
        Json card = Json::object()
                        .set("name", Json::object().set("full", full))
                        .set("phones", Json::object().set("p1", Json::object().set("number", phone)));
        return write([&](storage::Tx& tx) { return crm::Contacts(tx, clock_.now()).create(context_, card).id; });
    }
    std::string book(const std::string& staff, const char* start, const char* notes = "") {
        return write([&](storage::Tx& tx) {
            crm::AppointmentInput input;
            input.staff_id = staff;
            input.title = "Cut";
            input.start = start;
            input.time_zone = "Europe/London";
            input.duration_minutes = 60;
            input.notes = notes;
            return crm::Appointments(tx, clock_.now()).create(context_, input).appointment.id;
        });
    }
    std::optional<LocalRecord> load(const char* owner, const std::string& id) {
        return write([&](storage::Tx& tx) { return events_.load(tx, UserId(owner), "appointment", id); });
    }
    Json person(const char* full, const char* phone) {
        return Json::object()
            .set("name", Json::object().set("full", full))
            .set("phones", Json::object().set("p1", Json::object().set("number", phone)));
    }

    void durationsReadAndWrite() {
        for (const int minutes : {1, 15, 60, 90, 600}) {
            CPPUNIT_ASSERT_EQUAL(minutes, durationMinutes(durationText(minutes, false)));
        }
        CPPUNIT_ASSERT_EQUAL(2 * 1440, durationMinutes(durationText(2 * 1440, true)));
        CPPUNIT_ASSERT_EQUAL(std::string("PT1H30M"), durationText(90, false));
    }
    void oddDurationsAreRefused() {
        for (const char* odd : {"", "P", "PT", "1H", "PT1X", "PT-1H", "P1H", "PT1D", "P99999D", "PT1H30"})
            CPPUNIT_ASSERT_THROW_MESSAGE(odd, durationMinutes(odd), Error);
    }
    void aFamilySharingANumberStaysTwoPeople() {
        addContact("Ada Lovelace", "+44 7700 900001");
        const auto match = write([&](storage::Tx& tx) {
            return contacts_.match(tx, UserId("u"), person("Byron Lovelace", "+44 7700 900001"));
        });
        CPPUNIT_ASSERT(!match);
    }
    void theSamePersonIsRecognised() {
        const std::string id = addContact("Ada Lovelace", "+44 7700 900001");
        const auto match = write(
            [&](storage::Tx& tx) { return contacts_.match(tx, UserId("u"), person("ada LOVELACE", "07700 900001")); });
        CPPUNIT_ASSERT(match && match->id == id);
    }
    void anAppointmentGoesToItsOwnStaffMembersCalendar() {
        const std::string id = book(dana_, "2026-11-24T10:00");
        CPPUNIT_ASSERT(load("dana", id).has_value());
        CPPUNIT_ASSERT(!load("owner", id).has_value());
    }
    void staffWithoutASignInAreInTheOwnersCalendar() {
        const std::string id = book(mia_, "2026-11-24T10:00");
        CPPUNIT_ASSERT(load("owner", id).has_value());
        CPPUNIT_ASSERT(!load("dana", id).has_value());
    }
    void aMovedEventMovesTheAppointmentAndNothingElse() {
        const std::string id = book(dana_, "2026-11-24T10:00");
        const LocalRecord before = *load("dana", id);
        Json moved = before.record;
        moved.set("start", "2026-11-24T14:30:00").set("duration", "PT45M").set("title", "Renamed there");
        const LocalRecord after = write([&](storage::Tx& tx) { return events_.update(tx, context_, before, moved); });
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-24T14:30:00"), after.record.str("start"));
        CPPUNIT_ASSERT_EQUAL(std::string("PT45M"), after.record.str("duration"));
        CPPUNIT_ASSERT_EQUAL(std::string("Cut"), after.record.str("title"));
        CPPUNIT_ASSERT(after.version > before.version);
    }
    void anEventMovedOntoAnotherIsAConflict() {
        book(dana_, "2026-11-24T12:00");
        const std::string id = book(dana_, "2026-11-24T10:00");
        const LocalRecord before = *load("dana", id);
        Json moved = before.record;
        moved.set("start", "2026-11-24T12:30:00");
        try {
            write([&](storage::Tx& tx) { return events_.update(tx, context_, before, moved); });
            CPPUNIT_FAIL("booked twice");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), error.reason());
        }
    }
    void aRemovedEventCancelsTheAppointment() {
        const std::string id = book(dana_, "2026-11-24T10:00");
        write([&](storage::Tx& tx) { return events_.removedThere(tx, context_, "appointment", id); });
        CPPUNIT_ASSERT(!load("dana", id).has_value());
        const auto status =
            write([&](storage::Tx& tx) { return crm::Appointments(tx, clock_.now()).get(context_, id).status; });
        CPPUNIT_ASSERT_EQUAL(std::string("cancelled"), status);
    }
    void clientNotesStayHere() {
        const std::string id = book(dana_, "2026-11-24T10:00", "patch test was positive");
        CPPUNIT_ASSERT(load("dana", id)->record.dump().find("patch test") == std::string::npos);
    }

    const CallContext context_ = CallContext::system(TenantId("t"), "test");
    ManualClock clock_{parseInstant("2026-11-23T08:00:00Z")};
    const ContactRecords contacts_{clock_};
    const EventRecords events_{clock_, [](storage::Tx&) { return UserId("owner"); }};
    std::filesystem::path folder_;
    std::unique_ptr<storage::Database> database_;
    std::string dana_, mia_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RecordsTest);
