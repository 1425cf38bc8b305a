// SPDX-License-Identifier: Apache-2.0
// vCards as other programs write them, and what becomes of them when a contact changes.
#include <cppunit/extensions/HelperMacros.h>
#include <portico/plugin/core.hpp>

#include <set>

#include "../card.h"
#include "../xml.h"

using namespace carddav;

class VCardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(VCardTest);
    CPPUNIT_TEST(unchangedIsByteForByteTheSame);
    CPPUNIT_TEST(readsWhatBothCanSay);
    CPPUNIT_TEST(oneChangeTouchesOneProperty);
    CPPUNIT_TEST(entriesComeAndGo);
    CPPUNIT_TEST(keepsWhatOurContactCannotSay);
    CPPUNIT_TEST(aFreshCardReadsBackTheSame);
    CPPUNIT_TEST(birthdaysInBothVersions);
    CPPUNIT_TEST(labelsLikeApples);
    CPPUNIT_TEST(foldsWithoutCuttingCharacters);
    CPPUNIT_TEST(refusesWhatIsNoVCard);
    CPPUNIT_TEST(xmlKnowsNamespacesAndItsLimits);
    CPPUNIT_TEST_SUITE_END();

    // Odd on purpose: folded lines, parameters of all styles, properties nobody knows.
    static constexpr const char* kOdd =
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Some phone//EN\r\nUID:abc\r\nN:Lovelace;Ada;King,Noel;Countess;\r\n"
        "FN:Countess Ada Lovelace\r\nORG:Analytical\\, Ltd;Engines;Night shift\r\nTITLE:Programmer\r\n"
        "EMAIL;TYPE=INTERNET,WORK;TYPE=PREF:ada@work.test\r\nEMAIL;HOME:ada@home.test\r\n"
        "item1.TEL;TYPE=CELL;TYPE=VOICE;X-SPEED=\"2;a\":+44 20 7946 0001\r\nitem1.X-ABLabel:_$!<Mobile>!$_\r\n"
        "TEL;VALUE=uri;TYPE=work:tel:+44-20-7946-0002\r\n"
        "ADR;TYPE=HOME:;Flat 2;12 Lane;London;;W1;UK\r\nNOTE:Likes tea\\, not\r\n  coffee\\nand engines\r\n"
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAkGBxMTEhUTExMW\r\n FRUXGBgYFxgY\r\n"
        "X-SHOE-SIZE;X-UNIT=eu:38\r\nCATEGORIES:Friends,Maths\r\nEND:VCARD\r\n";

    static VCard odd() { return VCard::parse(kOdd); }
    static void has(const std::string& part, const std::string& text) {
        CPPUNIT_ASSERT_MESSAGE(part + " not in:\n" + text, text.find(part) != std::string::npos);
    }
    static void lacks(const std::string& part, const std::string& text) {
        CPPUNIT_ASSERT_MESSAGE(part + " in:\n" + text, text.find(part) == std::string::npos);
    }
    static std::size_t differingLines(const std::string& a, const std::string& b) {
        std::multiset<std::string> lines;
        const auto each = [](const std::string& text, auto&& take) {
            for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
                take(text.substr(at, text.find('\n', at) - at));
        };
        each(a, [&](const std::string& line) { lines.insert(line); });
        std::size_t more = 0;
        each(b, [&](const std::string& line) {
            const auto found = lines.find(line);
            found == lines.end() ? static_cast<void>(++more) : static_cast<void>(lines.erase(found));
        });
        return lines.size() + more;
    }

    void unchangedIsByteForByteTheSame() {
        VCard card = odd();
        CPPUNIT_ASSERT_EQUAL(std::string(kOdd), card.text());
        applyContact(toContact(card), card);
        CPPUNIT_ASSERT_EQUAL(std::string(kOdd), card.text());
    }
    void readsWhatBothCanSay() {
        const Json contact = toContact(odd());
        CPPUNIT_ASSERT_EQUAL(std::string("Countess Ada Lovelace"), contact["name"]["full"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"kind":"given2","value":"King Noel"})"),
                             contact["name"]["components"][2].dump());
        CPPUNIT_ASSERT_EQUAL(std::string("Analytical, Ltd"), contact["organizations"]["o1"]["name"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"address":"ada@work.test","contexts":{"work":true}})"),
                             contact["emails"]["e1"].dump());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"address":"ada@home.test","contexts":{"private":true}})"),
                             contact["emails"]["e2"].dump());
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"features":{"mobile":true},"label":"mobile","number":"+44 20 7946 0001"})"),
            contact["phones"]["p1"].dump());
        CPPUNIT_ASSERT_EQUAL(std::string("+44-20-7946-0002"), contact["phones"]["p2"]["number"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"kind":"name","value":"12 Lane"},{"kind":"locality","value":"London"},)"
                                         R"({"kind":"postcode","value":"W1"},{"kind":"country","value":"UK"}])"),
                             contact["addresses"]["a1"]["components"].dump());
        CPPUNIT_ASSERT_EQUAL(std::string("Likes tea, not coffee\nand engines"),
                             contact["notes"]["n1"]["note"].get<std::string>());
    }
    void oneChangeTouchesOneProperty() {
        VCard card = odd();
        Json contact = toContact(card);
        contact["phones"]["p1"]["number"] = "+44 7700 900123";
        applyContact(contact, card);
        has("item1.TEL;TYPE=CELL;TYPE=VOICE;X-SPEED=\"2;a\":+44 7700 900123\r\n", card.text());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, differingLines(kOdd, card.text()));
        contact["addresses"]["a1"]["components"][1]["value"] = "Paris";
        applyContact(contact, card);
        has("ADR;TYPE=HOME:;Flat 2;12 Lane;Paris;;W1;UK\r\n", card.text());
        contact["organizations"]["o1"]["name"] = "Engines; more";
        applyContact(contact, card);
        has("ORG:Engines\\; more;Engines;Night shift\r\n", card.text());
    }
    void entriesComeAndGo() {
        VCard card = odd();
        Json contact = toContact(card);
        contact["emails"].erase("e1");
        contact["emails"]["e3"] = {{"address", "new@test.test"}, {"contexts", {{"work", true}}}};
        contact.erase("phones");
        applyContact(contact, card);
        lacks("ada@work.test", card.text());
        lacks("TEL", card.text());
        lacks("X-ABLabel", card.text());
        has("EMAIL;HOME:ada@home.test\r\n", card.text());
        has("EMAIL;TYPE=WORK:new@test.test\r\n", card.text());
        contact["organizations"]["o2"] = Json::object();  // holds nothing: no empty property
        const std::string before = card.text();
        applyContact(contact, card);
        CPPUNIT_ASSERT_EQUAL(before, card.text());
    }
    void keepsWhatOurContactCannotSay() {
        VCard card = odd();
        Json empty = {{"name", {{"full", "Ada"}}}};
        applyContact(empty, card);
        for (const char* line :
             {"PRODID:-//Some phone//EN\r\n", "UID:abc\r\n", "X-SHOE-SIZE;X-UNIT=eu:38\r\n",
              "CATEGORIES:Friends,Maths\r\n", "/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAkGBxMTEhUTExMW\r\n FRUX"})
            has(line, card.text());
        has("FN:Ada\r\n", card.text());
        lacks("EMAIL", card.text());
    }
    void aFreshCardReadsBackTheSame() {
        const Json contact = Json::parse(R"({"@type":"Card","version":"1.0","kind":"individual",
            "name":{"full":"Zoë O'Hara","components":[{"kind":"given","value":"Zoë"},{"kind":"surname","value":"O'Hara"}]},
            "nicknames":{"k1":{"name":"Z, the great"}},"organizations":{"o1":{"name":"A;B\\C"}},
            "emails":{"e1":{"address":"z@x.test","contexts":{"work":true}}},
            "phones":{"p1":{"number":"1","features":{"mobile":true},"label":"Boat"}},
            "addresses":{"a1":{"components":[{"kind":"name","value":"1 Lane"},{"kind":"country","value":"UK"}]}},
            "links":{"l1":{"uri":"https://x.test/?a=1,2"}},"notes":{"n1":{"note":"one\ntwo; three"}},
            "anniversaries":{"b1":{"kind":"birth","date":{"year":1990,"month":2,"day":3}}}})");
        VCard card = VCard::fresh("u-1");
        applyContact(contact, card);
        CPPUNIT_ASSERT_EQUAL(contact.dump(), toContact(VCard::parse(card.text())).dump());
        VCard nameless = VCard::fresh("u-2");
        applyContact(Json::parse(R"({"phones":{"p1":{"number":"123"}}})"), nameless);
        has("FN:123\r\n", nameless.text());
        has("N:;;;;\r\n", nameless.text());
    }
    void birthdaysInBothVersions() {
        const auto date = [](const std::string& line) {
            return toContact(VCard::parse("BEGIN:VCARD\nVERSION:4.0\nFN:x\n" + line + "\nEND:VCARD\n"))
                .value(Json::json_pointer("/anniversaries/b1/date"), Json())
                .dump();
        };
        const std::string whole = R"({"day":12,"month":4,"year":1985})";
        for (const char* line : {"BDAY:1985-04-12", "BDAY:19850412", "BDAY:1985-04-12T10:00:00Z"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, whole, date(line));
        for (const char* line : {"BDAY:--0412", "BDAY:--04-12", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string(R"({"day":12,"month":4})"), date(line));
        CPPUNIT_ASSERT_EQUAL(std::string("null"), date("BDAY;VALUE=text:circa 1800"));
        const Json known = Json::parse(R"({"anniversaries":{"b1":{"kind":"birth","date":{"month":4,"day":12}}}})");
        VCard three = VCard::fresh("u");
        applyContact(known, three);
        has("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\r\n", three.text());
        VCard four = VCard::parse("BEGIN:VCARD\nVERSION:4.0\nFN:x\nN:x;;;;\nBDAY:19850412\nEND:VCARD\n");
        applyContact(known, four);
        has("BDAY:--0412\r\n", four.text());
        VCard words = VCard::parse("BEGIN:VCARD\nVERSION:4.0\nFN:x\nN:x;;;;\nBDAY;VALUE=text:circa 1800\nEND:VCARD\n");
        applyContact(Json::object(), words);
        has("BDAY;VALUE=text:circa 1800", words.text());
    }
    void labelsLikeApples() {
        VCard card = odd();
        Json contact = toContact(card);
        contact["phones"]["p1"]["label"] = "Boat";
        contact["phones"]["p2"]["label"] = "Desk, left";
        applyContact(contact, card);
        has("item1.X-ABLABEL:Boat\r\n", card.text());
        has("item2.TEL;VALUE=uri;TYPE=work:tel:+44-20-7946-0002\r\n", card.text());
        has("item2.X-ABLABEL:Desk\\, left\r\n", card.text());
        CPPUNIT_ASSERT_EQUAL(contact["phones"].dump(), toContact(VCard::parse(card.text()))["phones"].dump());
    }
    void foldsWithoutCuttingCharacters() {
        VCard card = VCard::fresh("u");
        std::string note;
        for (int i = 0; i < 100; ++i) note += "äöü€ ";
        applyContact({{"name", {{"full", "x"}}}, {"notes", {{"n1", {{"note", note}}}}}}, card);
        std::string text = card.text();
        for (std::size_t at = 0, end; (end = text.find("\r\n", at)) != std::string::npos; at = end + 2) {
            CPPUNIT_ASSERT(end - at <= 75);
            CPPUNIT_ASSERT(end + 3 > text.size() || (static_cast<unsigned char>(text[end + 3]) & 0xc0) != 0x80);
        }
        CPPUNIT_ASSERT_EQUAL(note, toContact(VCard::parse(text))["notes"]["n1"]["note"].get<std::string>());
    }
    void refusesWhatIsNoVCard() {
        for (const char* text : {"", "hello", "BEGIN:VCARD\nFN:x\n", "END:VCARD"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, VCard::parse(text), portico::sdk::PluginError);
    }
    void xmlKnowsNamespacesAndItsLimits() {
        const Element root = parseXml(
            "<?xml version='1.0'?><x:multistatus xmlns:x='DAV:'><x:response><x:href>/a&amp;b</x:href>"
            "<C:data xmlns:C='urn:ietf:params:xml:ns:carddav'><![CDATA[1<2]]></C:data></x:response></x:multistatus>");
        CPPUNIT_ASSERT(root.is(kDav, "multistatus"));
        const Element& response = root.child(kDav, "response");
        CPPUNIT_ASSERT_EQUAL(std::string("/a&b"), response.child(kDav, "href").text);
        CPPUNIT_ASSERT_EQUAL(std::string("1<2"), response.child(kCard, "data").text);
        CPPUNIT_ASSERT(parseXml("<multistatus xmlns='DAV:'/>").is(kDav, "multistatus"));
        std::string deep;
        for (int i = 0; i < 100'000; ++i) deep += "<a>";
        for (const std::string& bad :
             {std::string(), std::string("<a>"), std::string("<a></b>"), std::string("text"), deep})
            CPPUNIT_ASSERT_THROW(parseXml(bad), portico::sdk::PluginError);
        CPPUNIT_ASSERT_EQUAL(std::string("&lt;a&amp;&quot;"), escapeXml("<a&\""));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(VCardTest);
