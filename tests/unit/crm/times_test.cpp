// SPDX-License-Identifier: Apache-2.0
#include "host/crm/times.h"

#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"

using namespace portico;
using namespace portico::crm;

class TimesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TimesTest);
    CPPUNIT_TEST(turnsLocalTimesIntoUtc);
    CPPUNIT_TEST(refusesATimeThatAClockChangeSkips);
    CPPUNIT_TEST(takesTheFirstOfATimeThatHappensTwice);
    CPPUNIT_TEST(daysHaveTheirRealLength);
    CPPUNIT_TEST(knowsTheRulesAfterTheZoneFilesEnd);
    CPPUNIT_TEST(refusesWhatIsNoTimeOrZone);
    CPPUNIT_TEST(knowsTheWeekday);
    CPPUNIT_TEST_SUITE_END();

    static std::string utc(const char* local, const char* zone) {
        return formatInstant(toUtc(local, zone)).substr(0, 16);
    }
    static std::string reason(const char* local, const std::string& zone) {
        try {
            toUtc(local, zone);
        } catch (const Error& error) {
            return error.reason();
        }
        return "";
    }

    void turnsLocalTimesIntoUtc() {
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T09:00"), utc("2026-11-23T09:00", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-07-01T08:00"), utc("2026-07-01T09:00:00", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-07-01T03:15"), utc("2026-07-01T09:00", "Asia/Kathmandu"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-31T23:30"), utc("2027-01-01T12:30", "Pacific/Auckland"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-01T09:00"), utc("2026-12-01T09:00", "Europe/Dublin"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-07-01T09:00"),
                             toLocal(toUtc("2026-07-01T09:00", "America/New_York"), "America/New_York"));
    }
    void refusesATimeThatAClockChangeSkips() {
        CPPUNIT_ASSERT_EQUAL(std::string("nonexistent_time"), reason("2026-03-29T01:30", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), reason("2026-03-29T00:59", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), reason("2026-03-29T02:00", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string("nonexistent_time"), reason("2026-10-04T02:15", "Australia/Lord_Howe"));
    }
    void takesTheFirstOfATimeThatHappensTwice() {
        CPPUNIT_ASSERT_EQUAL(std::string("2026-10-25T00:30"), utc("2026-10-25T01:30", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-01T05:30"), utc("2026-11-01T01:30", "America/New_York"));
    }
    void daysHaveTheirRealLength() {
        const auto hours = [](const char* date, int days, const char* zone) {
            const Span span = daySpan(date, days, zone);
            return std::chrono::duration_cast<std::chrono::hours>(span.until - span.from).count();
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{24}, static_cast<std::int64_t>(hours("2026-11-23", 1, "Europe/London")));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{23}, static_cast<std::int64_t>(hours("2026-03-29", 1, "Europe/London")));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{25}, static_cast<std::int64_t>(hours("2026-10-25", 1, "Europe/London")));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{167}, static_cast<std::int64_t>(hours("2026-03-26", 7, "Europe/London")));
        // Clocks went forward at midnight: the day starts at 01:00.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{23}, static_cast<std::int64_t>(hours("2018-11-04", 1, "America/Sao_Paulo")));
    }
    void knowsTheRulesAfterTheZoneFilesEnd() {
        for (const char* year : {"2037", "2038", "2040", "2044", "2045", "2060"}) {
            const std::string summer = std::string(year) + "-07-01T09:00", winter = std::string(year) + "-12-31T09:00";
            CPPUNIT_ASSERT_EQUAL(std::string(year) + "-07-01T08:00", utc(summer.c_str(), "Europe/London"));
            CPPUNIT_ASSERT_EQUAL(winter, utc(winter.c_str(), "Europe/London"));
            CPPUNIT_ASSERT_EQUAL(summer, toLocal(toUtc(summer, "Europe/London"), "Europe/London"));
        }
        // The last Sunday of March 2045 is the 26th, of 2040 the 25th.
        CPPUNIT_ASSERT_EQUAL(std::string("nonexistent_time"), reason("2045-03-26T01:30", "Europe/London"));
        CPPUNIT_ASSERT_EQUAL(std::string("nonexistent_time"), reason("2040-03-25T01:30", "Europe/London"));
        const Span day = daySpan("2045-03-26", 1, "Europe/London");
        CPPUNIT_ASSERT(day.until - day.from == std::chrono::hours(23));
    }
    void refusesWhatIsNoTimeOrZone() {
        for (const char* odd : {"", "2026-11-23", "2026-11-23 09:00", "2026-11-23T24:00", "2026-02-29T09:00",
                                "2026-11-23T09:00Z", "2026-11-23T09:00:30", "2026-11-23T9:00", "2026-11-23T09:60"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(odd, std::string("bad_time"), reason(odd, "Europe/London"));
        for (const char* odd : {"", "London", "../../etc/passwd", "/etc/passwd", "Europe/Lon\ndon", "zone.tab"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(odd, std::string("bad_time_zone"), reason("2026-11-23T09:00", odd));
    }
    void knowsTheWeekday() {
        CPPUNIT_ASSERT_EQUAL(0, weekTime("2026-11-23T09:30").weekday);
        CPPUNIT_ASSERT_EQUAL(6, weekTime("2026-11-22T09:30").weekday);
        CPPUNIT_ASSERT_EQUAL(570, weekTime("2026-11-23T09:30").minute);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TimesTest);
