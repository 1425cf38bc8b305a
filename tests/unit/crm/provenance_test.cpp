// SPDX-License-Identifier: Apache-2.0
// Where values come from is kept with them: through sync, people's changes, imports and their undo, and deletion.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"
#include "host/crm/block_times.h"
#include "host/crm/files.h"
#include "host/crm/follow_ups.h"
#include "host/crm/import.h"
#include "host/crm/provenance.h"

using namespace portico;
using namespace portico::crm;
using namespace portico::tests;

class ProvenanceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ProvenanceTest);
    CPPUNIT_TEST(whatASyncBringsIsItsSources);
    CPPUNIT_TEST(whatAPersonWritesIsTheirs);
    CPPUNIT_TEST(aValueUnderAnotherKeyKeepsItsSource);
    CPPUNIT_TEST(aPluginsWritingIsThatPersonsPlugins);
    CPPUNIT_TEST(anImportAndItsUndoLeaveItAsItWas);
    CPPUNIT_TEST(timesOfTheCalendarAreKnown);
    CPPUNIT_TEST(filesAreKnown);
    CPPUNIT_TEST(itGoesWithTheRecord);
    CPPUNIT_TEST(namesOfSourcesStay);
    CPPUNIT_TEST(pointersAreEscaped);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kCard =
        R"({"name":{"full":"Ada"},"phones":{"p1":{"number":"+44 1"},"p2":{"number":"+44 2"}},"keywords":{"vip":true}})";

    CallContext as(const std::string& via) const {
        CallContext context = b_.me;
        context.actor.via = via;
        return context;
    }
    Contact add(const CallContext& who, const char* json = kCard) { return b_.addContact(who, json); }
    Contact change(const CallContext& who, const Contact& contact, const char* json) {
        return b_.write([&](storage::Tx& tx) {
            return Contacts(tx, b_.clock.now()).update(who, contact.id, std::nullopt, Json::parse(json));
        });
    }
    std::map<std::string, std::string> stored(const Contact& contact) {
        return b_.read(
            [&](storage::Tx& tx) { return Contacts(tx, b_.clock.now()).get(b_.me, contact.id).provenance.values(); });
    }
    using Values = std::map<std::string, std::string>;

    void whatASyncBringsIsItsSources() {
        const Contact contact = add(as("sync:c1"));
        const Values all{{"/name/full", "sync:c1"},
                         {"/phones/p1/number", "sync:c1"},
                         {"/phones/p2/number", "sync:c1"},
                         {"/keywords/vip", "sync:c1"}};
        CPPUNIT_ASSERT(all == contact.provenance.values() && all == stored(contact));
        CPPUNIT_ASSERT(stored(add(b_.me)).empty());  // and a person's own have none
        const Contact own = add(b_.me);
        change(
            as("sync:c2"), own,
            R"({"name":{"full":"Ada"},"phones":{"p1":{"number":"+44 9"},"p2":{"number":"+44 2"}},"keywords":{"vip":true}})");
        CPPUNIT_ASSERT((Values{{"/phones/p1/number", "sync:c2"}} == stored(own)));
    }
    void whatAPersonWritesIsTheirs() {
        const Contact contact = add(as("sync:c1"));
        change(
            b_.me, contact,
            R"({"name":{"full":"Ada L."},"phones":{"p1":{"number":"+44 1"},"p2":{"number":"+44 3"}},"keywords":{"vip":true}})");
        CPPUNIT_ASSERT((Values{{"/phones/p1/number", "sync:c1"}, {"/keywords/vip", "sync:c1"}} == stored(contact)));
    }
    // As when a form numbers the entries anew, or a person removes the first.
    void aValueUnderAnotherKeyKeepsItsSource() {
        const Contact contact = add(as("sync:c1"));
        change(b_.me, contact, R"({"name":{"full":"Ada"},"phones":{"p1":{"number":"+44 2"},"p9":{"number":"+44 7"}}})");
        CPPUNIT_ASSERT((Values{{"/name/full", "sync:c1"}, {"/phones/p1/number", "sync:c1"}} == stored(contact)));
        const Contact own = add(b_.me);
        change(as("sync:c1"), own,
               R"({"name":{"full":"Ada"},"phones":{"x":{"number":"+44 2"}},"keywords":{"vip":true}})");
        CPPUNIT_ASSERT(stored(own).empty());  // what a person wrote stays theirs when the service only moves it
    }
    void aPluginsWritingIsThatPersonsPlugins() {
        CPPUNIT_ASSERT_EQUAL(std::string("plugin:books/user-a"), sourceOf(as("plugin:books")));
        CPPUNIT_ASSERT_EQUAL(std::string(), sourceOf(as("import")));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin:books/user-a"), stored(add(as("plugin:books"))).at("/name/full"));
    }
    void anImportAndItsUndoLeaveItAsItWas() {
        const Contact contact =
            add(as("sync:c1"), R"({"name":{"full":"Ada"},"emails":{"e1":{"address":"ada@x.test"}}})");
        const Values before = stored(contact);
        Imports imports(b_.database, b_.clock);
        const auto done =
            imports.commit(b_.me, "ada.csv", "Name,E-mail 1 - Value,Phone 1 - Value\nAda,ada@x.test,+44 20 7946 0001\n",
                           OnDuplicate::Fill);
        CPPUNIT_ASSERT_EQUAL(1, done.filled);
        CPPUNIT_ASSERT(before == stored(contact));  // the number is the person's
        imports.undo(b_.me, done.id);
        CPPUNIT_ASSERT(before == stored(contact));
    }
    void timesOfTheCalendarAreKnown() {
        const auto staff = b_.addStaff(b_.me);
        const Appointment booked = b_.book(b_.at(staff.id, "2026-11-23T09:00")).appointment;
        CPPUNIT_ASSERT(booked.provenance.empty());
        const auto move = [&](const CallContext& who, const char* start) {
            return b_.write([&](storage::Tx& tx) {
                Appointments appointments(tx, b_.clock.now());
                AppointmentInput input = appointments.get(who, booked.id);
                input.start = start;
                input.title = "Colour";
                appointments.update(who, booked.id, std::nullopt, input);
                return appointments.get(who, booked.id).provenance.values();
            });
        };
        CPPUNIT_ASSERT((Values{{"/start", "sync:c1"}} == move(as("sync:c1"), "2026-11-23T11:00")));
        CPPUNIT_ASSERT(move(b_.me, "2026-11-23T12:00").empty());
        const auto block = b_.write([&](storage::Tx& tx) {
            BlockTimes blocks(tx, b_.clock.now());
            BlockTimeInput input;
            input.staff_id = staff.id;
            input.start = "2026-11-24T09:00";
            input.time_zone = "Europe/London";
            const std::string id = blocks.create(b_.me, input).id;
            input.duration_minutes = 90;
            blocks.update(as("sync:c1"), id, std::nullopt, input);
            return blocks.get(b_.me, id).provenance.values();
        });
        CPPUNIT_ASSERT((Values{{"/duration", "sync:c1"}} == block));
        const std::string contact = add(b_.me).id;
        const auto follow_up = b_.write([&](storage::Tx& tx) {
            FollowUps follow_ups(tx, b_.clock.now());
            FollowUpInput input;
            input.contact_id = contact;
            input.title = "Call";
            input.date = "2026-12-01";
            input.time_zone = "Europe/London";
            const std::string id = follow_ups.create(b_.me, input).id;
            input.time = "09:30";
            follow_ups.update(as("sync:c1"), id, std::nullopt, input);
            return follow_ups.get(b_.me, id).provenance.values();
        });
        CPPUNIT_ASSERT((Values{{"/start", "sync:c1"}, {"/showWithoutTime", "sync:c1"}} == follow_up));
    }
    void filesAreKnown() {
        const auto file = b_.write([&](storage::Tx& tx) {
            Files files(tx, b_.clock.now());
            const File made =
                files.create(as("plugin:drive"), "list.pdf", "application/pdf", {"blob1", 3, "abc"}, {}, 1 << 20);
            CPPUNIT_ASSERT_EQUAL(std::size_t{5}, made.provenance.values().size());
            CPPUNIT_ASSERT_EQUAL(made.id, files.withBlob("blob1").value().id);
            return files.rename(b_.me, made.id, std::nullopt, "prices.pdf", std::nullopt).provenance.values();
        });
        CPPUNIT_ASSERT(!file.contains("/name") && file.contains("/blob") && file.contains("/sha256"));
    }
    void itGoesWithTheRecord() {
        const Contact contact = add(as("sync:c1"));
        b_.write([&](storage::Tx& tx) { Contacts(tx, b_.clock.now()).remove(b_.me, contact.id, std::nullopt); });
        const auto left = b_.read([&](storage::Tx& tx) {
            return tx.query("SELECT 1 FROM contacts WHERE tenant_id = :tenant AND provenance LIKE '%sync:c1%'").size();
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, left);
    }
    void namesOfSourcesStay() {
        b_.write([&](storage::Tx& tx) {
            CPPUNIT_ASSERT(!findSource(tx, "sync:c1"));
            nameSource(tx, "sync:c1", {"google-contacts", "google", UserId("u1")});
            nameSource(tx, "sync:c1", {"other", "other", UserId("u2")});
            CPPUNIT_ASSERT_EQUAL(std::string("google-contacts"), findSource(tx, "sync:c1").value().plugin);
        });
        b_.write(b_.them, [](storage::Tx& tx) { CPPUNIT_ASSERT(!findSource(tx, "sync:c1")); });
    }
    void pointersAreEscaped() {
        const std::vector<std::string> path{"a/b", "c~d", ""};
        CPPUNIT_ASSERT_EQUAL(std::string("/a~1b/c~0d/"), pointerOf(path));
        CPPUNIT_ASSERT(path == pathOf("/a~1b/c~0d/"));
        CPPUNIT_ASSERT(pathOf("").empty());
    }

    Business b_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ProvenanceTest);
