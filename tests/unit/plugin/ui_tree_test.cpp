// SPDX-License-Identifier: Apache-2.0
// What may pass from a plugin to a browser, and what hostile trees meet.
#include "host/plugin/ui_tree.h"

#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;

class UiTreeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(UiTreeTest);
    CPPUNIT_TEST(everyNodePassesAsItIs);
    CPPUNIT_TEST(unknownNodesAndMembersAreLeftOut);
    CPPUNIT_TEST(markupStaysText);
    CPPUNIT_TEST(charactersThatDeceiveAreTakenOut);
    CPPUNIT_TEST(numberAndDepthOfNodesAreBounded);
    CPPUNIT_TEST(textsAndArgumentsAreBounded);
    CPPUNIT_TEST(wrongTypesAreNamedWithTheirPlace);
    CPPUNIT_TEST(linksLeadHomeOrToAVisibleHttpsHost);
    CPPUNIT_TEST(addressesThatDeceiveAreRefused);
    CPPUNIT_TEST(buttonsNameActionsThatTheReaderMayUse);
    CPPUNIT_TEST(picturesAreFilesAndNeverAddresses);
    CPPUNIT_TEST_SUITE_END();

    static manifest::Manifest manifest() {
        Json json = tests::conformanceManifest();
        json.set("provides", Json::parse(R"(["portico.action/1"])"));
        json.set("actions", Json::parse(R"([{"name":"sync","title":"Sync","role":"staff"},
            {"name":"purge","title":"Purge","role":"admin","args":{"type":"object","properties":{"n":{"type":"integer"}}}}])"));
        return manifest::parse(json);
    }
    static Json checked(const std::string& tree, bool is_admin = true) {
        return checkedUiTree(Json::parse(tree), manifest(), is_admin);
    }
    // Why it was refused; "" when it was not.
    static std::string refusal(const Json& tree) {
        try {
            checkedUiTree(tree, manifest(), true);
            return "";
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("bad_ui_tree"), error.reason());
            return error.what();
        }
    }
    static void refused(const std::string& tree, const std::string& words) {
        const std::string why = refusal(Json::parse(tree));
        CPPUNIT_ASSERT_MESSAGE(words + " not in: " + why, why.find(words) != std::string::npos);
    }
    static Json text(const std::string& words) { return Json::object({{"type", "text"}, {"text", words}}); }
    static Json stack(Json::Array children) {
        return Json::object({{"type", "stack"}, {"children", Json::array(std::move(children))}});
    }

    void everyNodePassesAsItIs() {
        const std::string tree = R"({"type":"stack","children":[
            {"type":"row","children":[{"type":"badge","text":"In step","tone":"good"}]},
            {"type":"heading","text":"Anna"},{"type":"text","text":"Hello","tone":"muted"},
            {"type":"time","at":"2026-11-24T09:00:00.000Z"},
            {"type":"facts","items":[{"label":"a","value":"b"},{"label":"c","at":"2026-11-24T09:00:00.000Z"}]},
            {"type":"progress","label":"Sent","value":3.0,"max":4.0},
            {"type":"table","label":"Visits","columns":["a","b"],"rows":[["1","2"]]},
            {"type":"list","children":[{"type":"text","text":"one","tone":"normal"}]},
            {"type":"empty","text":"Nothing yet"},{"type":"error","text":"Not today"}]})";
        CPPUNIT_ASSERT_EQUAL(Json::parse(tree).dump(), checked(tree).dump());
    }
    void unknownNodesAndMembersAreLeftOut() {
        const Json out = checked(R"({"type":"stack","style":"position:fixed","children":[
            {"type":"html","html":"<b>"},{"type":"script","src":"/x.js"},
            {"type":"text","text":"kept","onclick":"alert","className":"x"}]})");
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"type":"stack","children":[{"type":"text","text":"kept","tone":"normal"}]})"), out.dump());
        CPPUNIT_ASSERT(refusal(Json::parse(R"({"type":"hologram"})")).find("does not know") != std::string::npos);
    }
    void markupStaysText() {
        const std::string words = "<img src=x onerror=alert(1)> & [a](javascript:b)";
        CPPUNIT_ASSERT_EQUAL(words, checkedUiTree(text(words), manifest(), true).str("text"));
    }
    void charactersThatDeceiveAreTakenOut() {
        const std::string words =
            "a\xe2\x80\xae"
            "b\xe2\x81\xa6"
            "c\x01"
            "d\x7f"
            "e\xc2\x85"
            "f\xef\xbb\xbf"
            "g\n\th\xd8\x9c\xe2\x80\x8f";
        CPPUNIT_ASSERT_EQUAL(std::string("abcdefg\n\th"), checkedUiTree(text(words), manifest(), true).str("text"));
        const std::string kept =
            "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\x82 \xd8\xb9 \xe2\x80\x93";  // é € cake Arabic dash
        CPPUNIT_ASSERT_EQUAL(kept, checkedUiTree(text(kept), manifest(), true).str("text"));
    }
    void numberAndDepthOfNodesAreBounded() {
        Json::Array many(199, text("x"));
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(stack(many)));
        many.push_back(text("x"));
        CPPUNIT_ASSERT(refusal(stack(many)).find("children[199] is one more than 200") != std::string::npos);
        Json facts = Json::object({{"type", "facts"}, {"items", Json::array()}});
        for (int i = 0; i < 200; ++i) facts.find("items")->push(Json::object({{"label", "a"}, {"value", "b"}}));
        CPPUNIT_ASSERT(refusal(facts).find("items[199]") != std::string::npos);
        Json table = Json::parse(R"({"type":"table","columns":["a"],"rows":[]})");
        for (int i = 0; i < 200; ++i) table.find("rows")->push(Json::array({Json("b")}));
        CPPUNIT_ASSERT(refusal(table).find("rows[199]") != std::string::npos);

        Json deep = text("x");
        for (int level = 1; level < kDeepestUiNode; ++level) deep = stack({deep});
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(deep));
        CPPUNIT_ASSERT(refusal(stack({deep})).find("deeper than 8") != std::string::npos);
        // Also below a node that would be left out.
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             refusal(stack({Json::object({{"type", "hologram"}, {"children", stack({deep})}})})));
    }
    void textsAndArgumentsAreBounded() {
        std::string words;
        for (int i = 0; i < kLongestUiText; ++i) words += "\xc3\xa9";  // characters, not bytes
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(text(words)));
        CPPUNIT_ASSERT(refusal(text(words + "x")).find("text is longer than 2000") != std::string::npos);
        CPPUNIT_ASSERT(refusal(stack(Json::Array(40, text(std::string(1'900, 'x'))))).find("64 KiB") !=
                       std::string::npos);
        Json button = Json::parse(R"({"type":"action","label":"Go","action":"sync"})");
        button.set("args", Json::object({{"x", std::string(5'000, 'x')}}));
        CPPUNIT_ASSERT(refusal(button).find("args is larger") != std::string::npos);
    }
    void wrongTypesAreNamedWithTheirPlace() {
        refused(R"("text")", "the tree must be an object");
        refused(R"({"children":[]})", "has no type");
        refused(R"({"type":["stack"]})", "has no type");
        refused(R"({"type":"stack","children":{}})", "children must be a list");
        refused(R"({"type":"stack"})", "children is missing");
        refused(R"({"type":"stack","children":[null]})", "children[0] must be an object");
        refused(R"({"type":"stack","children":[{"type":"text","text":7}]})", "children[0].text must be text");
        refused(R"({"type":"badge","text":"a","tone":"url"})", "tone");
        refused(R"({"type":"time","at":"soon"})", "at must be a moment");
        refused(R"({"type":"facts","items":[["a","b"]]})", "items[0] must be an object");
        refused(R"({"type":"facts","items":[{"label":"a"}]})", "items[0].value is missing");
        refused(R"({"type":"progress","label":"a","value":"50%"})", "value must be a number");
        refused(R"({"type":"progress","label":"a","value":5,"max":0})", "between 0 and max");
        refused(R"({"type":"progress","label":"a","value":101})", "between 0 and max");
        refused(R"({"type":"table","columns":[],"rows":[]})", "columns");
        refused(R"({"type":"table","columns":["a","b"],"rows":[["1"]]})", "rows[0] must be as long");
        refused(R"({"type":"table","columns":["a"],"rows":[[{"type":"link"}]]})", "rows[0][0] must be text");
    }
    void linksLeadHomeOrToAVisibleHttpsHost() {
        const auto link = [](const std::string& href) {
            return checked(R"({"type":"link","label":"Open","href":")" + href + "\"}");
        };
        CPPUNIT_ASSERT(link("/clients/abc?x=1").at("host").isNull());
        CPPUNIT_ASSERT_EQUAL(std::string("contacts.google.com"),
                             link("https://contacts.google.com/person/c1#top").str("host"));
        CPPUNIT_ASSERT_EQUAL(std::string("example.org"), link("https://example.org").str("host"));
    }
    void addressesThatDeceiveAreRefused() {
        for (const char* href : {"javascript:alert(1)",
                                 "JaVaScRiPt:alert(1)",
                                 "data:text/html,x",
                                 "vbscript:x",
                                 "file:///etc/passwd",
                                 "http://example.org/",
                                 "//evil.example",
                                 "/\\\\evil.example",
                                 "/%2f/../x/..",
                                 "\\t//evil.example",
                                 "",
                                 "https://user@evil.example/",
                                 "https://evil.example:8443/",
                                 "https://127.0.0.1/",
                                 "https://EVIL.example/",
                                 "https://portico@evil/",
                                 "https:/evil.example",
                                 "https://\xd0\xb5xample.org/",
                                 "https://a b.example/",
                                 "/api/v1/session",
                                 "clients",
                                 " https://example.org/",
                                 "https:///x",
                                 "mailto:a@b.example"})
            refused(std::string(R"({"type":"link","label":"Open","href":")") + href + "\"}", "href is neither");
    }
    void buttonsNameActionsThatTheReaderMayUse() {
        const std::string purge = R"({"type":"stack","children":[{"type":"action","label":"Purge","action":"purge",
            "args":{"n":1},"confirm":"Really?","tone":"bad"},{"type":"form","action":"purge","values":{"n":2}}]})";
        const Json shown = checked(purge);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, shown.at("children").items().size());
        CPPUNIT_ASSERT_EQUAL(std::string("Really?"), shown.at("children").items()[0].str("confirm"));
        const Json& form = shown.at("children").items()[1];
        CPPUNIT_ASSERT(form.at("schema").has("properties") && form.str("title") == "Purge");
        CPPUNIT_ASSERT(checked(purge, false).at("children").items().empty());

        refused(R"({"type":"action","label":"x","action":"unknown"})", "names no action");
        refused(R"({"type":"action","label":"x","action":"sync","args":[1]})", "args must be an object");
        refused(R"({"type":"action","label":"x","action":"sync","tone":"invisible"})", "tone");
        refused(R"({"type":"form","action":"unknown"})", "names no action");
        refused(R"({"type":"form","action":"sync","values":"x"})", "values must be an object");
    }
    void picturesAreFilesAndNeverAddresses() {
        const std::string id = newId();
        CPPUNIT_ASSERT_EQUAL(id, checked(R"({"type":"image","alt":"Before","file":")" + id + "\"}").str("file"));
        for (const char* file : {"https://evil.example/x.png", "/api/v1/logout", "../x", "1\\\" onload=x"})
            refused(std::string(R"({"type":"image","alt":"x","file":")") + file + "\"}", "must be the id");
        refused(R"({"type":"image","file":")" + id + "\"}", "alt is missing");
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UiTreeTest);
