// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/manifest.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>

#include "host/base/error.h"
#include "tests/unit/manifest/samples.h"

using namespace portico;
using manifest::Manifest;

class ManifestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ManifestTest);
    CPPUNIT_TEST(readsAWholeManifest);
    CPPUNIT_TEST(namesThePlaceOfEveryFault);
    CPPUNIT_TEST(refusesRulesThatReachCredentials);
    CPPUNIT_TEST(refusesHeadersThatOnlyTheHostSets);
    CPPUNIT_TEST(pickerNeedsTheFileScopeAlone);
    CPPUNIT_TEST(readsDurations);
    CPPUNIT_TEST(contributionsNameAnActionAndAnIcon);
    CPPUNIT_TEST_SUITE_END();

    using Change = std::function<void(Json&)>;
    static Json& connection(Json& json) { return json.find("connections")->items()[0]; }
    static Json& rule(Json& json) { return connection(json).find("rules")->items()[0]; }

    static std::string problem(const Change& change) {
        Json json = sampleManifest();
        change(json);
        try {
            manifest::parse(json);
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(static_cast<int>(Code::Invalid), static_cast<int>(error.code()));
            return error.what();
        }
        return "accepted";
    }
    static void refused(const std::string& place, const Change& change) {
        const std::string text = problem(change);
        CPPUNIT_ASSERT_MESSAGE(place + " not in: " + text, text.find(place) != std::string::npos);
    }

    static void contribute(Json& json, const char* contribution) {
        json.set("ui", Json::object({{"contributes", Json::array({Json::parse(contribution)})}}));
    }
    void contributionsNameAnActionAndAnIcon() {
        Json json = sampleManifest();
        contribute(json, R"({"point":"client.panel/v1","action":"status","title":"Status","icon":"cloud"})");
        const Manifest m = manifest::parse(json);
        CPPUNIT_ASSERT_EQUAL(std::string("status"), m.contribution("client.panel/v1")->action);
        CPPUNIT_ASSERT(m.contribution("nav.page/v1") == nullptr);
        contribute(json, R"({"point":"hologram.wall/v7","action":"status","title":"Later"})");
        CPPUNIT_ASSERT_EQUAL(std::string("puzzle"), manifest::parse(json).contribution("hologram.wall/v7")->icon);

        contribute(json, R"({"point":"client.panel/v1","action":"status","title":{"en":"Stamps","de":"Stempel"}})");
        const manifest::Manifest translated = manifest::parse(json);
        CPPUNIT_ASSERT_EQUAL(std::string("Stamps"), translated.contributes[0].title);
        CPPUNIT_ASSERT_EQUAL(std::string("Stempel"), translated.contributes[0].titles.at("de"));

        const char* place = "ui.contributes[0]";
        refused(place, [](Json& j) { contribute(j, R"({"point":"client.panel","action":"status","title":"x"})"); });
        refused(place, [](Json& j) { contribute(j, R"({"point":"client.panel/v1","action":"no","title":"x"})"); });
        refused(place, [](Json& j) {
            contribute(j, R"({"point":"client.panel/v1","action":"status","title":"x","icon":"<svg>"})");
        });
        refused(place, [](Json& j) {
            contribute(j, R"({"point":"client.panel/v1","action":"status","title":"x","script":"/x.js"})");
        });
        refused("ui.contributes[1].point", [](Json& j) {
            contribute(j, R"({"point":"client.panel/v1","action":"status","title":"x"})");
            Json& list = *j.find("ui")->find("contributes");
            list.push(list.items()[0]);
        });
    }
    void readsAWholeManifest() {
        const Manifest m = manifest::parse(sampleManifest());
        CPPUNIT_ASSERT_EQUAL(std::string("google-contacts"), m.id.str());
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), m.connection("google")->rules.size());
        CPPUNIT_ASSERT_EQUAL(std::string("if-match"), m.connection("google")->rules[1].headers.at(0));
        CPPUNIT_ASSERT(m.stream("contacts")->every == std::chrono::minutes(5));
        CPPUNIT_ASSERT(m.action("status")->args.getStr("type") == "object");
        CPPUNIT_ASSERT(m.provided("portico.sync/1") && !m.provided("portico.event/1"));
        CPPUNIT_ASSERT(m.records.at(0).read && m.records.at(0).write);
    }
    void namesThePlaceOfEveryFault() {
        refused("surprise", [](Json& j) { j.set("surprise", 1); });
        refused("connections[0].reason", [](Json& j) { connection(j).erase("reason"); });
        refused("connections[0].scopes[0].reason",
                [](Json& j) { connection(j).find("scopes")->items()[0].erase("reason"); });
        refused("connections[0].rules[0].scope",
                [](Json& j) { rule(j).set("scope", "https://www.googleapis.com/auth/drive"); });
        refused("connections[0].rules[0].method", [](Json& j) { rule(j).set("method", "CONNECT"); });
        refused("connections[0].rules[0].path", [](Json& j) { rule(j).set("path", "/v1/{+all}"); });
        refused("connections[0].rules[0].path", [](Json& j) { rule(j).set("path", "/v1/../{id}"); });
        refused("connections[0].rules[0].path", [](Json& j) { rule(j).set("vars", Json::object({{"id", "(a"}})); });
        refused("connections[0].rules[0].host", [](Json& j) { rule(j).set("host", "*.googleapis.com"); });
        refused("connections[0].rules[0].host", [](Json& j) { rule(j).set("host", "127.0.0.1"); });
        refused("streams[0].connection", [](Json& j) { j.find("streams")->items()[0].set("connection", "other"); });
        refused("library", [](Json& j) { j.set("library", "../x.so"); });
        refused("version", [](Json& j) { j.set("version", "1"); });
        refused("abi.major", [](Json& j) { j.set("abi", Json::object({{"major", 0}, {"minor", 0}})); });
        refused("events[0]", [](Json& j) { j.set("events", Json::array({"Contact Created"})); });
        refused("limits.memory_mib", [](Json& j) { j.set("limits", Json::object({{"memory_mib", 1}})); });
    }
    void refusesRulesThatReachCredentials() {
        for (const char* host : {"oauth2.googleapis.com", "accounts.google.com", "openidconnect.googleapis.com"})
            refused("connections[0].rules[0].host", [&](Json& j) { rule(j).set("host", host); });
        refused("connections[0].rules[0].host",
                [](Json& j) { rule(j).set("host", "www.googleapis.com").set("path", "/oauth2/v3/{id}"); });
    }
    void refusesHeadersThatOnlyTheHostSets() {
        for (const char* name : {"Authorization", "COOKIE", "Host", "Proxy-Authorization", "X-Forwarded-For",
                                 "Transfer-Encoding", "X-HTTP-Method-Override"})
            refused("connections[0].rules[0].headers", [&](Json& j) { rule(j).set("headers", Json::array({name})); });
    }
    void pickerNeedsTheFileScopeAlone() {
        refused("connections[0].picker", [](Json& j) { connection(j).set("picker", true); });
    }
    void readsDurations() {
        const auto every = [](const char* text) {
            return [text](Json& j) { j.find("streams")->items()[0].set("every", text); };
        };
        for (const char* good : {"PT1M", "P1D", "PT24H", "P1DT2H3M4S"})
            CPPUNIT_ASSERT_EQUAL(std::string("accepted"), problem(every(good)));
        for (const char* bad : {"PT0S", "PT59S", "5M", "P40D", "PT", "P", "PT1.5H"})
            refused("streams[0].every", every(bad));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ManifestTest);
