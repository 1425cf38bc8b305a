// SPDX-License-Identifier: Apache-2.0
// Person to card and back: nothing is lost, nothing foreign is touched, the same thing is no change.
#include <cppunit/extensions/HelperMacros.h>

#include "plugins/google-contacts/card.h"

using namespace portico::google;

namespace {

// As People answers, with members no card has a place for.
Json person() {
    return Json::parse(R"({
      "resourceName":"people/c1","etag":"%EgM=",
      "metadata":{"sources":[{"type":"CONTACT","id":"9f","etag":"#abc="}]},
      "names":[{"metadata":{"primary":true},"displayName":"Dr. Ada Byron King","displayNameLastFirst":"King, Ada","familyName":"King",
                "givenName":"Ada","middleName":"Byron","honorificPrefix":"Dr.","phoneticGivenName":"Eyda"}],
      "nicknames":[{"value":"Countess"}],
      "emailAddresses":[{"value":"ada@home.test","type":"home","displayName":"Ada at home"},{"value":"ada@work.test","type":"WORK"},
                        {"value":"x@y.test","type":"Analytical"}],
      "phoneNumbers":[{"value":"+44 1","canonicalForm":"+441","type":"mobile"},{"value":"2","type":"workFax"}],
      "addresses":[{"formattedValue":"1 St James\nLondon","streetAddress":"1 St James","city":"London","postalCode":"SW1",
                    "country":"UK","extendedAddress":"Flat 2","type":"home"}],
      "organizations":[{"department":"Engines"},{"name":"Babbage & Co","title":"Analyst","current":true}],
      "birthdays":[{"date":{"year":1815,"month":12,"day":10},"text":"10 Dec 1815"}],
      "biographies":[{"value":"likes poetry","contentType":"TEXT_PLAIN"}],
      "urls":[{"value":"https://ada.test","type":"blog"}]})");
}

Json edited(const std::function<void(Json&)>& edit) {
    Json card = toCard(person());
    edit(card);
    return changedFields(card, person());
}

}  // namespace

class CardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CardTest);
    CPPUNIT_TEST(mapsEveryPartOfThePerson);
    CPPUNIT_TEST(anUnchangedCardChangesNothing);
    CPPUNIT_TEST(aChangedNumberKeepsItsNeighboursAndUnknownParts);
    CPPUNIT_TEST(aRemovedFirstEntryKeepsTheOthersWhole);
    CPPUNIT_TEST(anEditOfTheSecondEntryFindsItsPlace);
    CPPUNIT_TEST(aClearedListIsSentEmpty);
    CPPUNIT_TEST(aNameKeepsItsPhonetics);
    CPPUNIT_TEST(aNameWithoutPartsIsSentAsWritten);
    CPPUNIT_TEST(anInvisibleOrganizationStays);
    CPPUNIT_TEST(anAddressChangeDropsTheOldFormattingOnly);
    CPPUNIT_TEST(aBirthdayInWordsIsLeftAlone);
    CPPUNIT_TEST(severalNotesBecomeOne);
    CPPUNIT_TEST(aFreshCardBecomesAPersonAndTheSameCardAgain);
    CPPUNIT_TEST(kindsRoundTrip);
    CPPUNIT_TEST(keysSortByNumber);
    CPPUNIT_TEST_SUITE_END();

    void mapsEveryPartOfThePerson() {
        const Json expected = Json::parse(R"({
          "@type":"Card","version":"1.0","kind":"individual",
          "name":{"full":"Dr. Ada Byron King","components":[{"kind":"title","value":"Dr."},{"kind":"given","value":"Ada"},
                  {"kind":"given2","value":"Byron"},{"kind":"surname","value":"King"}]},
          "nicknames":{"k1":{"name":"Countess"}},
          "emails":{"e1":{"address":"ada@home.test","contexts":{"private":true}},"e2":{"address":"ada@work.test","label":"WORK"},
                    "e3":{"address":"x@y.test","label":"Analytical"}},
          "phones":{"p1":{"number":"+44 1","features":{"mobile":true}},
                    "p2":{"number":"2","contexts":{"work":true},"features":{"fax":true}}},
          "addresses":{"a1":{"full":"1 St James\nLondon","contexts":{"private":true},"components":[{"kind":"name","value":"1 St James"},
                       {"kind":"locality","value":"London"},{"kind":"postcode","value":"SW1"},{"kind":"country","value":"UK"}]}},
          "organizations":{"o2":{"name":"Babbage & Co"}},"titles":{"t2":{"name":"Analyst","organizationId":"o2"}},
          "anniversaries":{"b1":{"kind":"birth","date":{"year":1815,"month":12,"day":10}}},
          "notes":{"n1":{"note":"likes poetry"}},"links":{"l1":{"uri":"https://ada.test","label":"blog"}}})");
        CPPUNIT_ASSERT_EQUAL(expected.dump(1), toCard(person()).dump(1));
    }
    void anUnchangedCardChangesNothing() {
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), edited([](Json&) {}).dump());
    }
    void aChangedNumberKeepsItsNeighboursAndUnknownParts() {
        const Json changed = edited([](Json& card) { card["phones"]["p1"]["number"] = "+44 2"; });
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"phoneNumbers":[{"type":"mobile","value":"+44 2"},{"type":"workFax","value":"2"}]})"),
            changed.dump());  // the canonical form of the old number is gone
        const Json mail = edited([](Json& card) { card["emails"]["e1"]["address"] = "a@new.test"; });
        CPPUNIT_ASSERT_EQUAL(std::string("Ada at home"), mail["emailAddresses"][0]["displayName"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, mail["emailAddresses"].size());
    }
    void aRemovedFirstEntryKeepsTheOthersWhole() {
        const Json changed = edited([](Json& card) { card["emails"].erase("e1"); });
        Json expected = person()["emailAddresses"];
        expected.erase(0);
        CPPUNIT_ASSERT_EQUAL(expected.dump(), changed["emailAddresses"].dump());
    }
    void anEditOfTheSecondEntryFindsItsPlace() {
        const Json changed = edited([](Json& card) {
            card["emails"].erase("e1");
            card["emails"]["e2"]["address"] = "countess@work.test";
        });
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"([{"type":"WORK","value":"countess@work.test"},{"type":"Analytical","value":"x@y.test"}])"),
            changed["emailAddresses"].dump());
    }
    void aClearedListIsSentEmpty() {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"urls":[]})"), edited([](Json& card) { card.erase("links"); }).dump());
    }
    void aNameKeepsItsPhonetics() {
        const Json changed = edited([](Json& card) { card["name"]["components"][3]["value"] = "Lovelace"; });
        const Json& name = changed["names"][0];
        CPPUNIT_ASSERT_EQUAL(std::string("Lovelace"), name["familyName"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Eyda"), name["phoneticGivenName"].get<std::string>());
        CPPUNIT_ASSERT(!name.contains("displayName"));
    }
    void aNameWithoutPartsIsSentAsWritten() {
        const Json changed = changedFields({{"name", {{"full", "Prince"}}}}, Json::object());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"names":[{"unstructuredName":"Prince"}]})"), changed.dump());
    }
    void anInvisibleOrganizationStays() {
        const Json changed = edited([](Json& card) { card["titles"]["t2"]["name"] = "Programmer"; });
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"([{"department":"Engines"},{"current":true,"name":"Babbage & Co","title":"Programmer"}])"),
            changed["organizations"].dump());
        const Json cleared = edited([](Json& card) { card.erase("organizations"), card.erase("titles"); });
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"department":"Engines"}])"), cleared["organizations"].dump());
    }
    void anAddressChangeDropsTheOldFormattingOnly() {
        const Json changed = edited([](Json& card) { card["addresses"]["a1"]["components"][1]["value"] = "Leeds"; });
        const Json& address = changed["addresses"][0];
        CPPUNIT_ASSERT_EQUAL(std::string("Leeds"), address["city"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Flat 2"), address["extendedAddress"].get<std::string>());
        CPPUNIT_ASSERT(!address.contains("formattedValue"));
    }
    void aBirthdayInWordsIsLeftAlone() {
        const Json words = {{"birthdays", {{{"text", "in spring"}}}}};
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), changedFields(toCard(words), words).dump());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"birthdays":[]})"),
                             edited([](Json& card) { card.erase("anniversaries"); }).dump());
        const Json later = edited([](Json& card) { card["anniversaries"]["b1"]["date"].erase("year"); });
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"date":{"day":10,"month":12}}])"), later["birthdays"].dump());
    }
    void severalNotesBecomeOne() {
        const Json changed =
            changedFields({{"notes", {{"n1", {{"note", "one"}}}, {"n2", {{"note", "two"}}}}}}, Json::object());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"biographies":[{"value":"one\n\ntwo"}]})"), changed.dump());
    }
    void aFreshCardBecomesAPersonAndTheSameCardAgain() {
        Json card = toCard(person());
        card["name"].erase("full");
        card["addresses"]["a1"].erase("full");
        card["organizations"] = {{"o1", {{"name", "Babbage & Co"}}}};
        card["titles"] = {{"t1", {{"name", "Analyst"}, {"organizationId", "o1"}}}};
        CPPUNIT_ASSERT_EQUAL(card.dump(1), toCard(changedFields(card, Json::object())).dump(1));
    }
    void kindsRoundTrip() {
        for (const char* type : {"home", "work", "mobile", "workMobile", "homeFax", "workFax", "otherFax", "pager",
                                 "workPager", "main", "googleVoice", "Any word", ""}) {
            CPPUNIT_ASSERT_EQUAL(std::string(type), typeFromKind(kindFromType(type)));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("mobile"), typeFromKind({{"features", {{"mobile", true}, {"voice", true}}},
                                                                  {"contexts", {{"private", true}}}}));
    }
    void keysSortByNumber() {
        const auto entries = inOrder({{"e10", 1}, {"e2", 2}, {"e1", 3}});
        CPPUNIT_ASSERT_EQUAL(std::string("e1"), entries[0].first);
        CPPUNIT_ASSERT_EQUAL(std::string("e10"), entries[2].first);
        CPPUNIT_ASSERT(inOrder(nullptr).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CardTest);
