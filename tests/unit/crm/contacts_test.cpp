// SPDX-License-Identifier: Apache-2.0
#include "host/crm/contacts.h"

#include <cppunit/extensions/HelperMacros.h>

#include "host/base/fd.h"
#include "tests/unit/crm/fixture.h"

using namespace portico;
using namespace portico::crm;
using tests::errorOf;
using tests::reasonOf;

namespace {

constexpr const char* kZoe =
    R"({"name":{"components":[{"kind":"given","value":"Zoë"},{"kind":"surname","value":"Ångström"}]},
 "emails":{"e1":{"address":"Zoe.A@Example.org"}},"phones":{"p1":{"number":"+49 (170) 123-4567"}},"x-shoe":{"size":39}})";
constexpr const char* kBob = R"({"name":{"full":"Bob Miller","components":[{"kind":"given","value":"Bob"},
 {"kind":"surname","value":"Miller"}]},"emails":{"e1":{"address":"bob@salon.test"}}})";

}  // namespace

class ContactsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ContactsTest);
    CPPUNIT_TEST(keepsMembersItDoesNotKnow);
    CPPUNIT_TEST(refusesABadCardNamingThePlace);
    CPPUNIT_TEST(findsByPrefixOfNameMailAndPhone);
    CPPUNIT_TEST(searchTextIsNeverSyntax);
    CPPUNIT_TEST(pagesInNameOrderWithoutGapsOrRepeats);
    CPPUNIT_TEST(sortsAccentsWithTheirLetters);
    CPPUNIT_TEST(anUpdateMovesTheIndexWithIt);
    CPPUNIT_TEST(refusesAStaleVersion);
    CPPUNIT_TEST(archivingHidesAndDeletingRemoves);
    CPPUNIT_TEST(compactingForgetsTheWordsOfTheDeleted);
    CPPUNIT_TEST(eachChangeWritesItsEvent);
    CPPUNIT_TEST(anEqualCardChangesNothing);
    CPPUNIT_TEST(tenantsDoNotMeet);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Business> at_;

    std::string found(const std::string& search, bool archived = false) {
        return at_->read([&](storage::Tx& tx) {
            std::string names;
            for (const Contact& contact :
                 Contacts(tx, at_->clock.now()).list(at_->me, {search, archived, 50, ""}).items)
                names += contact.display_name + ";";
            return names;
        });
    }
    template <class F>
    auto change(F&& f) {
        return at_->write([&](storage::Tx& tx) {
            Contacts contacts(tx, at_->clock.now());
            return f(contacts);
        });
    }

public:
    void setUp() override { at_ = std::make_unique<tests::Business>(); }

    void keepsMembersItDoesNotKnow() {
        const Contact made = at_->addContact(at_->me, kZoe);
        const Contact read = at_->read([&](storage::Tx& tx) { return Contacts(tx, {}).get(at_->me, made.id); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{39}, read.card.at("x-shoe").integer("size"));
        CPPUNIT_ASSERT_EQUAL(std::string("Card"), read.card.str("@type"));
        CPPUNIT_ASSERT(!read.card.str("uid").empty());
        CPPUNIT_ASSERT_EQUAL(std::string("Zoë Ångström"), read.display_name);
    }
    void refusesABadCardNamingThePlace() {
        const std::pair<const char*, const char*> bad[] = {
            {R"([])", "card"},
            {R"({"@type":"Group"})", "@type"},
            {R"({"emails":{"e1":{}}})", "emails/e1/address"},
            {R"({"emails":{"e1":{"address":5}}})", "emails/e1/address"},
            {R"({"phones":[]})", "phones"},
            {R"({"name":{"components":[{"kind":"given"}]}})", "name/components"},
            {R"({"anniversaries":{"b1":{"date":{"month":13}}}})", "anniversaries/b1/date"},
            {R"({"keywords":{"vip":"yes"}})", "keywords/vip"}};
        for (const auto& [card, place] : bad) {
            const Error error = errorOf([&] { at_->addContact(at_->me, card); });
            CPPUNIT_ASSERT_EQUAL_MESSAGE(card, std::string("bad_card"), error.reason());
            CPPUNIT_ASSERT_MESSAGE(error.what(), std::string(error.what()).find(place) != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("too_large"), reasonOf([&] {
                                 at_->addContact(at_->me, R"({"x-big":")" + std::string(300 * 1024, 'x') + "\"}");
                             }));
    }
    void findsByPrefixOfNameMailAndPhone() {
        at_->addContact(at_->me, kZoe);
        at_->addContact(at_->me, kBob);
        for (const char* typed :
             {"zo", "Zoë", "angstr", "zoe ang", "zoe.a@ex", "example", "0170123", "170 123", "+49170", "1234567"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(typed, std::string("Zoë Ångström;"), found(typed));
        CPPUNIT_ASSERT_EQUAL(std::string("Bob Miller;"), found("mill bo"));
        CPPUNIT_ASSERT_EQUAL(std::string("Zoë Ångström;Bob Miller;"), found("  "));
        CPPUNIT_ASSERT_EQUAL(std::string(""), found("zoe bob"));
    }
    void searchTextIsNeverSyntax() {
        at_->addContact(at_->me, kBob);
        for (const char* typed :
             {"\"", "bob\" OR \"x", "name : x", "*", "(", "NEAR(a b)", "a AND NOT b", "tenant:tenant-b", "'; --", "\\"})
            found(typed);
        CPPUNIT_ASSERT_EQUAL(std::string("Bob Miller;"), found("\"bob"));
    }
    void pagesInNameOrderWithoutGapsOrRepeats() {
        for (int i = 0; i < 25; ++i) at_->addContact(at_->me, R"({"name":{"full":"Twin Name"}})");
        for (const std::string& search : {std::string(), std::string("twin")}) {
            std::set<std::string> ids;
            std::string after;
            int pages = 0;
            do {
                const Page<Contact> page = at_->read([&](storage::Tx& tx) {
                    return Contacts(tx, {}).list(at_->me, {search, false, 10, after});
                });
                for (const Contact& contact : page.items) CPPUNIT_ASSERT(ids.insert(contact.id).second);
                after = page.next.value_or("");
                ++pages;
            } while (!after.empty());
            CPPUNIT_ASSERT_EQUAL(std::size_t{25}, ids.size());
            CPPUNIT_ASSERT_EQUAL(3, pages);
        }
        for (const char* cursor : {"x", "W10", "eyJhIjoxfQ"})
            CPPUNIT_ASSERT_EQUAL(
                std::string("bad_cursor"), reasonOf([&] {
                    at_->read([&](storage::Tx& tx) { return Contacts(tx, {}).list(at_->me, {"", false, 10, cursor}); });
                }));
    }
    void sortsAccentsWithTheirLetters() {
        for (const char* name : {"Zimmer", "Ávila", "Müller", "Muench", "Łukasz", "Lund", "Østby"})
            at_->addContact(at_->me, Json::object({{"name", Json::object({{"full", name}})}}).dump());
        CPPUNIT_ASSERT_EQUAL(std::string("Ávila;Łukasz;Lund;Muench;Müller;Østby;Zimmer;"), found(""));
    }
    void anUpdateMovesTheIndexWithIt() {
        const Contact contact = at_->addContact(at_->me, kBob);
        const Contact after = change([&](Contacts& contacts) {
            return contacts.update(at_->me, contact.id, 1, Json::parse(R"({"name":{"full":"Robert Smith"},
                "emails":{"e1":{"address":"robert@salon.test"}},"phones":{"p1":{"number":"020 7946 0000"}}})"));
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, after.version);
        CPPUNIT_ASSERT_EQUAL(std::string(""), found("bob") + found("miller"));
        CPPUNIT_ASSERT_EQUAL(std::string("Robert Smith;"), found("robert"));
        at_->read([&](storage::Tx& tx) {
            Contacts contacts(tx, {});
            CPPUNIT_ASSERT(contacts.withEmail(at_->me, "bob@salon.test").empty());
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, contacts.withEmail(at_->me, "Robert@Salon.test").size());
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, contacts.withPhone(at_->me, "+44 20 7946 0000").size());
            CPPUNIT_ASSERT(contacts.withPhone(at_->me, "").empty());
        });
    }
    void refusesAStaleVersion() {
        const Contact contact = at_->addContact(at_->me, kBob);
        change([&](Contacts& contacts) { return contacts.update(at_->me, contact.id, 1, Json::parse(kZoe)); });
        CPPUNIT_ASSERT_EQUAL(
            std::string("version_mismatch"), reasonOf([&] {
                change([&](Contacts& contacts) { return contacts.update(at_->me, contact.id, 1, Json::parse(kBob)); });
            }));
        CPPUNIT_ASSERT_EQUAL(std::string("version_mismatch"), reasonOf([&] {
                                 change([&](Contacts& contacts) { contacts.remove(at_->me, contact.id, 1); });
                             }));
    }
    void archivingHidesAndDeletingRemoves() {
        const Contact contact = at_->addContact(at_->me, kBob);
        change([&](Contacts& contacts) { return contacts.setArchived(at_->me, contact.id, 1, true); });
        CPPUNIT_ASSERT_EQUAL(std::string(""), found("") + found("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("Bob Miller;"), found("bob", true));
        change([&](Contacts& contacts) { contacts.remove(at_->me, contact.id, 2); });
        CPPUNIT_ASSERT_EQUAL(std::string(""), found("bob", true));
        CPPUNIT_ASSERT_EQUAL(std::string("no_contact"), reasonOf([&] {
                                 at_->read([&](storage::Tx& tx) { return Contacts(tx, {}).get(at_->me, contact.id); });
                             }));
    }
    void compactingForgetsTheWordsOfTheDeleted() {
        at_->addContact(at_->me, kZoe);
        const Contact contact = at_->addContact(at_->me, R"({"name":{"full":"Canaryword Person"}})");
        at_->database.checkpointTruncate();
        const auto holds = [&] { return readFile(at_->dir / "test.db").find("canaryword") != std::string::npos; };
        CPPUNIT_ASSERT(holds());
        change([&](Contacts& contacts) { contacts.remove(at_->me, contact.id, 1); });
        at_->database.writeSystem("the search table is one", [](storage::SystemTx& tx) { compactSearch(tx); });
        at_->database.checkpointTruncate();
        CPPUNIT_ASSERT(!holds());
        CPPUNIT_ASSERT_EQUAL(std::string("Zoë Ångström;"), found("zoe"));
    }
    void eachChangeWritesItsEvent() {
        CallContext sync = at_->me;
        sync.actor.via = "sync:connection-1";
        const Contact contact = at_->addContact(at_->me, kBob);
        change([&](Contacts& contacts) {
            Json card = contact.card;
            card.set("phones", Json::parse(R"({"p1":{"number":"12345"}})"));
            contacts.update(sync, contact.id, 1, card);
            contacts.setArchived(at_->me, contact.id, 2, true);
            contacts.remove(at_->me, contact.id, 3);
        });
        const auto events = at_->events();
        const char* types[] = {"contact.created", "contact.updated", "contact.archived", "contact.deleted"};
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, events.size());
        for (std::size_t i = 0; i < 4; ++i) {
            CPPUNIT_ASSERT_EQUAL(std::string(types[i]), events[i].event.type);
            CPPUNIT_ASSERT_EQUAL(contact.id, events[i].event.subject_id);
            CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(i) + 1, events[i].event.data.integer("version"));
        }
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["phones"])"), events[1].event.data.at("changed").dump());
        CPPUNIT_ASSERT_EQUAL(std::string("sync:connection-1"), events[1].event.data.str("origin"));
        CPPUNIT_ASSERT_EQUAL(std::string("web"), events[0].event.data.str("origin"));
        for (const auto& event : events) CPPUNIT_ASSERT(event.event.data.dump().find("bob@") == std::string::npos);
    }
    void anEqualCardChangesNothing() {
        const Contact contact = at_->addContact(at_->me, kBob);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, change([&](Contacts& contacts) {
                                 return contacts.update(at_->me, contact.id, 1, contact.card).version;
                             }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, at_->events().size());
    }
    void tenantsDoNotMeet() {
        const Contact theirs = at_->addContact(at_->them, kBob);
        CPPUNIT_ASSERT_EQUAL(std::string(""), found("") + found("bob") + found("bob@salon.test"));
        const auto refused = [&](auto&& f) { return reasonOf([&] { change(f); }); };
        CPPUNIT_ASSERT_EQUAL(std::string("no_contact"), refused([&](Contacts& c) { c.get(at_->me, theirs.id); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_contact"),
                             refused([&](Contacts& c) { c.update(at_->me, theirs.id, 1, Json::parse(kZoe)); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_contact"),
                             refused([&](Contacts& c) { c.setArchived(at_->me, theirs.id, 1, true); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_contact"), refused([&](Contacts& c) { c.remove(at_->me, theirs.id, 1); }));
        const StaffMember mine = at_->addStaff(at_->me), other = at_->addStaff(at_->them);
        AppointmentInput input = at_->at(mine.id, "2026-11-23T09:00");
        input.contact_ids = {theirs.id};
        CPPUNIT_ASSERT_EQUAL(std::string("no_contact"), reasonOf([&] { at_->book(input); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_staff"),
                             reasonOf([&] { at_->book(at_->at(other.id, "2026-11-23T09:00")); }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ContactsTest);
