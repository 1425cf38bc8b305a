// SPDX-License-Identifier: Apache-2.0
// The pure parts: restart policy, consent, schemas, JSON Lines from a plugin.
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "host/plugin/call_gate.h"
#include "host/plugin/line_sink.h"
#include "host/plugin/processor.h"
#include "host/plugin/restart_policy.h"
#include "host/plugin/schema.h"
#include "host/wire/core/log_rate.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;

class PolicyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PolicyTest);
    CPPUNIT_TEST(pausesGrowAndFade);
    CPPUNIT_TEST(fiveCrashesInTenMinutesQuarantine);
    CPPUNIT_TEST(slowCrashesDoNotQuarantine);
    CPPUNIT_TEST(whoComputesMuchComesLastUntilItIsModest);
    CPPUNIT_TEST(bucketsGrowWithTheClockUpToTheirBurst);
    CPPUNIT_TEST(gatesLetInSoManyAndTellTheOthersWhenToCome);
    CPPUNIT_TEST(gatesGiveWhatTheManifestSays);
    CPPUNIT_TEST(logLinesBeyondTheRateAreCounted);
    CPPUNIT_TEST(schemasNameThePlaceOfAFault);
    CPPUNIT_TEST(choicesWithTitlesAreHeldToTheirConstants);
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
    void whoComputesMuchComesLastUntilItIsModest() {
        using Verdict = Processor::Verdict;
        constexpr std::int64_t kSecond = 1'000'000'000;
        Processor processor;
        std::int64_t now = kSecond, used = 5 * kSecond;  // what it took before we looked does not count
        const auto after = [&](std::int64_t took) { return processor.sample(now += kSecond, used += took); };
        CPPUNIT_ASSERT(processor.sample(now, used) == Verdict::Keep);
        CPPUNIT_ASSERT(after(kSecond / 5) == Verdict::Keep);
        CPPUNIT_ASSERT(processor.sample(now + kSecond / 2, used + kSecond) == Verdict::Keep);  // too soon to judge
        CPPUNIT_ASSERT(after(kSecond / 3) == Verdict::Demote && processor.last());
        CPPUNIT_ASSERT(after(2 * kSecond) == Verdict::Keep);
        for (int second = 1; second < 10; ++second) CPPUNIT_ASSERT(after(0) == Verdict::Keep);
        CPPUNIT_ASSERT(after(0) == Verdict::Restore && !processor.last());
    }
    void bucketsGrowWithTheClockUpToTheirBurst() {
        TokenBucket bucket(10, 3);
        Instant now = tests::kStart;
        for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(bucket.take(now) == Millis(0));
        CPPUNIT_ASSERT(bucket.take(now) == Millis(100));
        CPPUNIT_ASSERT(bucket.take(now - std::chrono::hours(1)) == Millis(100));  // the clock was set back
        now += std::chrono::hours(1);
        CPPUNIT_ASSERT(bucket.full(now));
        for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(bucket.take(now) == Millis(0));
        CPPUNIT_ASSERT(bucket.take(now) > Millis(0));
    }
    static std::string refusal(CallGate& gate, const char* tenant, Instant now) {
        try {
            const CallGate::Pass pass = gate.enter(TenantId(tenant), now);
            return "";
        } catch (const Error& error) {
            return error.reason() + " " + std::to_string(error.retryAfterMs());
        }
    }
    void gatesLetInSoManyAndTellTheOthersWhenToCome() {
        CallGate gate(1,
                      {.tenant_per_second = 1, .tenant_burst = 4, .per_second = 1, .burst = 7, .callers_per_lane = 2});
        Instant now = tests::kStart;
        {
            const CallGate::Pass one = gate.enter(TenantId("a"), now), two = gate.enter(TenantId("a"), now);
            CPPUNIT_ASSERT_EQUAL(std::string("plugin_busy 1000"), refusal(gate, "a", now));
            const CallGate::Pass three = gate.enter(TenantId("b"), now), four = gate.enter(TenantId("c"), now);
            CPPUNIT_ASSERT_EQUAL(std::string("plugin_busy 1000"), refusal(gate, "d", now));  // four in all
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "a", now));
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "a", now));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_rate 1000"), refusal(gate, "a", now));  // its four are used up
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "d", now));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_rate 1000"), refusal(gate, "e", now));  // the plugin's seven are, too
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "a", now + Millis(1000)));
    }
    void gatesGiveWhatTheManifestSays() {
        manifest::Limits declared;
        declared.calls_per_minute = 2;
        declared.cpu_percent = 50;
        CallGate gate(1, CallGate::Limits::of(declared));
        const Instant now = tests::kStart;
        for (int i = 0; i < 2; ++i) CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "a", now));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_rate 30000"), refusal(gate, "a", now));
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "b", now));

        gate.computed(30'000'000'000, now);  // all that a minute gives
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "c", now));
        CPPUNIT_ASSERT(gate.overdrawn(now) == Millis(0));
        gate.computed(5'000'000'000, now);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_processor 10000"), refusal(gate, "d", now));
        CPPUNIT_ASSERT(gate.overdrawn(now + Millis(4'000)) == Millis(6'000));
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(gate, "d", now + Millis(10'000)));
    }
    void logLinesBeyondTheRateAreCounted() {
        wire::LogRate rate;
        std::int64_t dropped = 0;
        int passed = 0;
        for (int i = 0; i < 350; ++i) passed += rate.take(5'000'000'000 + i, dropped) ? 1 : 0;
        CPPUNIT_ASSERT_EQUAL(100, passed);
        CPPUNIT_ASSERT(rate.take(6'000'000'000, dropped));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{250}, dropped);
        CPPUNIT_ASSERT(rate.take(6'000'000'001, dropped));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, dropped);
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
    void choicesWithTitlesAreHeldToTheirConstants() {
        const char* schema = R"({"type":"object","properties":{"which":{"type":"string","oneOf":[
            {"const":"all","title":"Every one"},{"const":"label","title":"Those with the label"}]}}})";
        CPPUNIT_ASSERT_EQUAL(std::string(), fault(schema, R"({"which":"label"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"(settings.which must be one of ["all","label"])"),
                             fault(schema, R"({"which":"Every one"})"));
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
