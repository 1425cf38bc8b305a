// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "host/base/bytes.h"
#include "host/base/call_context.h"
#include "host/base/ids.h"
#include "host/base/secret.h"
#include "host/base/text.h"

using namespace portico;

class BaseTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BaseTest);
    CPPUNIT_TEST(idsAreUniqueAndSorted);
    CPPUNIT_TEST(encodingsRoundTripAndRefuseJunk);
    CPPUNIT_TEST(knowsUtf8);
    CPPUNIT_TEST(lowersAsciiAlone);
    CPPUNIT_TEST(readsAndWritesTimes);
    CPPUNIT_TEST(refusesOddTimes);
    CPPUNIT_TEST(nestedDeadlineIsTheSooner);
    CPPUNIT_TEST(secretMovesAndEmpties);
    CPPUNIT_TEST_SUITE_END();

    void idsAreUniqueAndSorted() {
        std::string last;
        for (int i = 0; i < 10'000; ++i) {
            const std::string id = newId();
            CPPUNIT_ASSERT(isId(id));
            CPPUNIT_ASSERT(last < id);
            last = id;
        }
        CPPUNIT_ASSERT(!isId("../etc/passwd"));
    }
    void lowersAsciiAlone() {
        CPPUNIT_ASSERT_EQUAL(std::string("x-goog-\xc3\x84@[`{"), lowerAscii("X-Goog-\xc3\x84@[`{"));
    }
    void encodingsRoundTripAndRefuseJunk() {
        for (std::size_t size = 0; size < 40; ++size) {
            const std::string bytes = randomBytes(size);
            CPPUNIT_ASSERT(fromBase64Url(toBase64Url(bytes)) == bytes);
            CPPUNIT_ASSERT(fromBase64(toBase64(bytes)) == bytes);
        }
        for (const char* junk : {"a", "ab=c", "a\nbc", "ab+/"}) CPPUNIT_ASSERT_THROW(fromBase64Url(junk), Error);
        CPPUNIT_ASSERT_EQUAL(std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                             toHex(sha256("abc")));
    }
    void knowsUtf8() {
        CPPUNIT_ASSERT(isUtf8("Zoë \xF0\x9F\x92\x87"));
        for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
            CPPUNIT_ASSERT(!isUtf8(bad));
    }
    void readsAndWritesTimes() {
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21T07:30:05.250Z"),
                             formatInstant(parseInstant("2026-11-21T09:30:05.25+02:00")));
        CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31T23:59:59.999Z"), formatInstant(fromMillis(-1)));
    }
    void refusesOddTimes() {
        for (const char* odd : {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T25:00:00Z", "2026-11-21T09:30:00",
                                "2026-11-21T09:30:00Zx", "2026-11-21T09:30:00.Z", "2026-11-21T09:30:00+2:00"})
            CPPUNIT_ASSERT_THROW_MESSAGE(odd, parseInstant(odd), Error);
    }
    void nestedDeadlineIsTheSooner() {
        const Deadline outer = Deadline::in(Millis(50));
        CPPUNIT_ASSERT_EQUAL(outer.ns(), Deadline::in(std::chrono::hours(1)).sooner(outer).ns());
        CPPUNIT_ASSERT(Deadline::atNs(monotonicNs() - 1).passed());
        CPPUNIT_ASSERT(!Deadline::never().passed());
    }
    void secretMovesAndEmpties() {
        std::string source = "ya29.canary";
        SecretBytes first = SecretBytes::take(source);
        CPPUNIT_ASSERT(source.empty());
        SecretBytes second = std::move(first);
        CPPUNIT_ASSERT(first.empty());
        CPPUNIT_ASSERT(second.reveal() == "ya29.canary");
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BaseTest);
