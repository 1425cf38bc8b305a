// SPDX-License-Identifier: Apache-2.0
// What counts as asking for more: each kind of widening is noticed and told in words, narrowing never is.
#include "host/manifest/consent.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>

#include "host/base/error.h"
#include "tests/unit/manifest/samples.h"

using namespace portico;
using namespace portico::manifest;

class ConsentTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConsentTest);
    CPPUNIT_TEST(wideningIsNoticedAndNarrowingIsNot);
    CPPUNIT_TEST(aNewHostIsToldOnce);
    CPPUNIT_TEST(wordsAndOrderDoNotMatter);
    CPPUNIT_TEST(anUnreadableAgreementAgreesToNothing);
    CPPUNIT_TEST_SUITE_END();

    using Edit = std::function<void(Json&)>;
    static Json& connection(Json& json) { return json.find("connections")->items()[0]; }
    static Json& rule(Json& json, std::size_t index = 0) { return connection(json).find("rules")->items()[index]; }
    static Json& item(Json& json, const char* list) { return json.find(list)->items()[0]; }

    static Json full() {
        Json json = sampleManifest();
        json.set("provides", Json::array({"portico.sync/1", "portico.webhook/1", "portico.availability/1"}))
            .set(
                "provenance",
                Json::parse(
                    R"([{"permission":"google-data","fields":["contact.phones"],"reason":"r","destination":"a ledger"}])"))
            .set("webhooks", Json::parse(R"([{"stream":"contacts","reason":"r"}])"))
            .set("availability", Json::parse(R"({"connection":"google","reason":"r"})"))
            .set("limits",
                 Json::parse(R"({"memory_mib":128,"call_seconds":30,"calls_per_minute":60,"cpu_percent":20})"));
        connection(json).find("scopes")->push(
            Json::parse(R"({"scope":"https://www.googleapis.com/auth/other","reason":"o","optional":true})"));
        return json;
    }
    static std::string told(const Json& agreed, const Json& now) {
        std::string all;
        for (const manifest::Change& change : widened(manifest::parse(agreed), manifest::parse(now))) {
            CPPUNIT_ASSERT(!change.text.empty());
            all += (all.empty() ? "" : "; ") + change.kind + " " + change.what;
        }
        return all;
    }
    // `wide` asks for more than the full sample: that is told as `expected`, and the way back tells nothing.
    static void widens(const std::string& expected, const Edit& wide) {
        Json more = full();
        wide(more);
        CPPUNIT_ASSERT_EQUAL(expected, told(full(), more));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("narrowing: " + expected, std::string(), told(more, full()));
    }
    // `narrow` asks for less: that tells nothing, and the way back is told as `expected`.
    static void narrows(const std::string& expected, const Edit& narrow) {
        Json less = full();
        narrow(less);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("narrowing: " + expected, std::string(), told(full(), less));
        CPPUNIT_ASSERT_EQUAL(expected, told(less, full()));
    }

    void wideningIsNoticedAndNarrowingIsNot() {
        const std::string people = "people.googleapis.com/v1/people/{id}";
        widens("scope https://x.test/more", [](Json& j) {
            connection(j).find("scopes")->push(Json::parse(R"({"scope":"https://x.test/more","reason":"m"})"));
        });
        widens("scope https://www.googleapis.com/auth/other",
               [](Json& j) { connection(j).find("scopes")->items()[1].set("optional", false); });
        narrows("request GET " + people,
                [](Json& j) { rule(j).find("query")->set("allowed", Json::array({"pageToken"})); });
        widens("request GET " + people, [](Json& j) { rule(j).find("query")->set("required", Json::object()); });
        widens("request PATCH " + people + ":updateContact", [](Json& j) { rule(j, 1).set("max_body", 65537); });
        narrows("request PATCH " + people + ":updateContact",
                [](Json& j) { rule(j, 1).set("headers", Json::array()); });
        widens("request DELETE " + people, [](Json& j) {
            Json more = rule(j);
            connection(j).find("rules")->push(more.set("method", "DELETE"));
        });
        widens("request GET " + people, [](Json& j) {
            rule(j).set("scope", Json::array({rule(j).str("scope"), "https://www.googleapis.com/auth/other"}));
        });
        narrows("record write contact", [](Json& j) { item(j, "records").set("access", Json::array({"read"})); });
        narrows("record read contact", [](Json& j) { item(j, "records").set("access", Json::array({"write"})); });
        narrows("provenance google-data", [](Json& j) { j.set("provenance", Json::array()); });
        narrows("stream contacts", [](Json& j) { item(j, "streams").set("direction", "pull"); });
        narrows("event contact.*", [](Json& j) { j.set("events", Json::array({"contact.created", "contact.x.y"})); });
        widens("event *", [](Json& j) { j.set("events", Json::array({"*"})); });
        narrows("event contact.*", [](Json& j) { j.set("events", Json::array()); });
        narrows("action status", [](Json& j) { j.set("actions", Json::array()); });
        narrows("action status", [](Json& j) { item(j, "actions").set("role", "admin"); });
        narrows("webhook contacts", [](Json& j) { j.set("webhooks", Json::array()); });
        narrows("availability google", [](Json& j) { j.erase("availability"); });
        widens("limit memory_mib", [](Json& j) { j.find("limits")->set("memory_mib", 129); });
        widens("limit call_seconds", [](Json& j) { j.find("limits")->set("call_seconds", 31); });
        widens("limit calls_per_minute", [](Json& j) { j.find("limits")->set("calls_per_minute", 61); });
        widens("limit cpu_percent", [](Json& j) { j.find("limits")->set("cpu_percent", 21); });
        widens("limit concurrency", [](Json& j) { j.set("concurrency", 5); });
    }
    // Another pattern is another request, whichever way it was changed.
    void aNewHostIsToldOnce() {
        Json now = full();
        rule(now).set("host", "elsewhere.test").set("vars", Json::object({{"id", ".*"}}));
        Json again = rule(now);
        connection(now).find("rules")->push(again.set("method", "HEAD"));
        CPPUNIT_ASSERT_EQUAL(std::string("host elsewhere.test; request GET elsewhere.test/v1/people/{id}; request HEAD "
                                         "elsewhere.test/v1/people/{id}"),
                             told(full(), now));
        Json pattern = full();
        rule(pattern).set("vars", Json::object({{"id", ".*"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("request GET people.googleapis.com/v1/people/{id}"), told(full(), pattern));
    }
    void wordsAndOrderDoNotMatter() {
        Json now = full();
        connection(now).set("reason", "Other words.");
        std::swap(rule(now, 0), rule(now, 2));
        now.set("version", "9.0.0").set("name", "Another name").set("description", "More words.");
        CPPUNIT_ASSERT_EQUAL(std::string(), told(full(), now));
    }
    void anUnreadableAgreementAgreesToNothing() {
        const manifest::Manifest now = manifest::parse(full());
        CPPUNIT_ASSERT(widened(now.text, now).empty());
        CPPUNIT_ASSERT(widened(std::string("[\"scope x\"]"), now) == widened(manifest::Manifest(), now));
        CPPUNIT_ASSERT(widened(manifest::Manifest(), now).size() > 10);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConsentTest);
