// SPDX-License-Identifier: Apache-2.0
// The pure parts: restart policy, consent, schemas, JSON Lines from a plugin.
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "host/plugin/line_sink.h"
#include "host/plugin/restart_policy.h"
#include "host/plugin/schema.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;

class PolicyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PolicyTest);
    CPPUNIT_TEST(pausesGrowAndFade);
    CPPUNIT_TEST(fiveCrashesInTenMinutesQuarantine);
    CPPUNIT_TEST(slowCrashesDoNotQuarantine);
    CPPUNIT_TEST(schemasNameThePlaceOfAFault);
    CPPUNIT_TEST(schemasThatCannotBeEnforcedAreRefused);
    CPPUNIT_TEST(defaultsFillWhatIsMissing);
    CPPUNIT_TEST(linesArriveWholeHoweverTheyAreCut);
    CPPUNIT_TEST(whatStopsALineSinkComesOut);
    CPPUNIT_TEST_SUITE_END();

    void pausesGrowAndFade() {
        RestartPolicy policy;
        CPPUNIT_ASSERT(policy.pause(tests::kStart) == Millis(0));
        policy.crashed(tests::kStart);
        CPPUNIT_ASSERT(policy.pause(tests::kStart) == Millis(500));
        CPPUNIT_ASSERT(policy.pause(tests::kStart + Millis(500)) == Millis(0));
        policy.crashed(tests::kStart + Millis(600));
        CPPUNIT_ASSERT(policy.pause(tests::kStart + Millis(600)) == Millis(1000));
        CPPUNIT_ASSERT(policy.pause(tests::kStart + RestartPolicy::kWindow + Millis(600)) == Millis(0));
    }
    void fiveCrashesInTenMinutesQuarantine() {
        RestartPolicy policy;
        for (int i = 0; i < 4; ++i) policy.crashed(tests::kStart + std::chrono::minutes(2 * i));
        CPPUNIT_ASSERT(!policy.quarantined());
        policy.crashed(tests::kStart + std::chrono::minutes(8));
        CPPUNIT_ASSERT(policy.quarantined());
        policy.release();
        CPPUNIT_ASSERT(!policy.quarantined() && policy.pause(tests::kStart + std::chrono::minutes(8)) == Millis(0));
    }
    void slowCrashesDoNotQuarantine() {
        RestartPolicy policy;
        for (int i = 0; i < 50; ++i) policy.crashed(tests::kStart + std::chrono::minutes(3 * i));
        CPPUNIT_ASSERT(!policy.quarantined());
    }
    static std::string fault(const char* schema, const char* value) {
        try {
            checkAgainst(Json::parse(schema), Json::parse(value), "settings");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Invalid);
            return error.what();
        }
        return "";
    }
    void schemasNameThePlaceOfAFault() {
        constexpr auto kSchema = R"({"type":"object","required":["n"],"additionalProperties":false,"properties":{
            "n":{"type":"integer","minimum":1,"maximum":9},"s":{"type":"string","minLength":2,"maxLength":3},
            "e":{"enum":["a",1]},"l":{"type":"array","maxItems":2,"items":{"type":"boolean"}}}})";
        CPPUNIT_ASSERT_EQUAL(std::string(), fault(kSchema, R"({"n":9,"s":"äöü","e":1,"l":[true,false]})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.n must be given"), fault(kSchema, "{}"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.n must be at most 9"), fault(kSchema, R"({"n":10})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.n must be at least 1"), fault(kSchema, R"({"n":0})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.n must be of type integer"), fault(kSchema, R"({"n":1.5})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.s must be at least 2 characters long"),
                             fault(kSchema, R"({"n":1,"s":"ä"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.s must be at most 3 characters long"),
                             fault(kSchema, R"({"n":1,"s":"abcd"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.e must be one of [\"a\",1]"), fault(kSchema, R"({"n":1,"e":"b"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.l must be at most 2 items long"),
                             fault(kSchema, R"({"n":1,"l":[true,true,true]})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.l[1] must be of type boolean"),
                             fault(kSchema, R"({"n":1,"l":[true,3]})"));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.x must be left out: it is not known here"),
                             fault(kSchema, R"({"n":1,"x":1})"));
    }
    void schemasThatCannotBeEnforcedAreRefused() {
        CPPUNIT_ASSERT(fault(R"({"type":"object","not":{}})", "{}").find("'not'") != std::string::npos);
    }
    void defaultsFillWhatIsMissing() {
        const Json schema = Json::parse(R"({"type":"object","properties":{
            "a":{"default":1},"b":{"type":"object","properties":{"c":{"default":2}}}}})");
        CPPUNIT_ASSERT(withDefaults(schema, Json::parse(R"({"b":{}})")) == Json::parse(R"({"a":1,"b":{"c":2}})"));
        CPPUNIT_ASSERT(withDefaults(schema, Json::parse(R"({"a":5})")) == Json::parse(R"({"a":5})"));
    }
    void linesArriveWholeHoweverTheyAreCut() {
        const std::string text = "{\"a\":1}\n\n{\"b\":\"x\"}\n[3]";
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            std::string got;
            LineSink sink([&](Json line) { got += line.dump() + ";"; });
            for (std::size_t at = 0; at < text.size(); at += piece) {
                const std::string_view part = std::string_view(text).substr(at, piece);
                CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, sink.sink().write(&sink, wire::asBytes(part)));
            }
            sink.finish();
            CPPUNIT_ASSERT_EQUAL(std::string("{\"a\":1};{\"b\":\"x\"};[3];"), got);
        }
    }
    void whatStopsALineSinkComesOut() {
        LineSink bad([](const Json&) {});
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, bad.sink().write(&bad, wire::asBytes("{nonsense\n")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, bad.sink().write(&bad, wire::asBytes("{}\n")));
        CPPUNIT_ASSERT_THROW(bad.finish(), Error);
        LineSink breaker([](const Json&) { throw Error(Code::Conflict, "breaker", "too many removals"); });
        breaker.sink().write(&breaker, wire::asBytes("{}\n"));
        try {
            breaker.finish();
            CPPUNIT_FAIL("the receiver's error was lost");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("breaker"), error.reason());
        }
        LineSink endless([](const Json&) {});
        const std::string piece(600'000, 'x');
        endless.sink().write(&endless, wire::asBytes(piece));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, endless.sink().write(&endless, wire::asBytes(piece)));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PolicyTest);
