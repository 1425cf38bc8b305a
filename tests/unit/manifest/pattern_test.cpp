// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/manifest/pattern.h"

using namespace portico;
using manifest::Pattern;

class PatternTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PatternTest);
    CPPUNIT_TEST(matchesTheWholeTextOnly);
    CPPUNIT_TEST(countsRepetitions);
    CPPUNIT_TEST(choosesBetweenAlternatives);
    CPPUNIT_TEST(readsClasses);
    CPPUNIT_TEST(refusesWhatItDoesNotSupport);
    CPPUNIT_TEST(staysLinearOnHostileInput);
    CPPUNIT_TEST_SUITE_END();

    static bool fits(const char* pattern, std::string_view text) { return Pattern(pattern).matches(text); }

    void matchesTheWholeTextOnly() {
        CPPUNIT_ASSERT(fits("abc", "abc"));
        for (const char* other : {"", "ab", "abcd", "xabc"}) CPPUNIT_ASSERT(!fits("abc", other));
        CPPUNIT_ASSERT(!fits("abc", std::string_view("abc\0", 4)));
    }
    void countsRepetitions() {
        CPPUNIT_ASSERT(fits("c[0-9]{1,30}", "c1"));
        CPPUNIT_ASSERT(fits("c[0-9]{1,30}", "c" + std::string(30, '7')));
        CPPUNIT_ASSERT(!fits("c[0-9]{1,30}", "c" + std::string(31, '7')));
        CPPUNIT_ASSERT(!fits("c[0-9]{1,30}", "c"));
        CPPUNIT_ASSERT(fits("a{3}", "aaa") && !fits("a{3}", "aa") && !fits("a{3}", "aaaa"));
        CPPUNIT_ASSERT(fits("a{2,}", "aaaaa") && !fits("a{2,}", "a"));
        CPPUNIT_ASSERT(fits("(ab)*c?", "") && fits("(ab)*c?", "ababc") && !fits("(ab)*c?", "abac"));
        CPPUNIT_ASSERT(fits("(a*)*b", "aaab") && fits("(a?){0,3}", "aa"));
    }
    void choosesBetweenAlternatives() {
        for (const char* text : {"primary", "a@b.c", "x.y@b.c"}) CPPUNIT_ASSERT(fits("primary|[a-z.]+@[a-z.]+", text));
        CPPUNIT_ASSERT(!fits("primary|[a-z.]+@[a-z.]+", "primary2"));
        CPPUNIT_ASSERT(fits("(a|b|)c", "c") && fits("(a|b|)c", "bc") && !fits("(a|b|)c", "abc"));
    }
    void readsClasses() {
        CPPUNIT_ASSERT(fits("[a\\]-]+", "a]-") && fits("[^a-z]", "A") && !fits("[^a-z]", "q") && !fits("[^a-z]", "\n"));
        CPPUNIT_ASSERT(fits("a\\.b", "a.b") && !fits("a\\.b", "axb") && fits("a.b", "axb") &&
                       !fits("a.b",
                             "a\x01"
                             "b"));
    }
    void refusesWhatItDoesNotSupport() {
        for (const char* bad : {"",
                                "(",
                                ")",
                                "a)",
                                "[a",
                                "[]",
                                "[z-a]",
                                "a{",
                                "a{2",
                                "a{3,2}",
                                "a{9999}",
                                "*a",
                                "a**",
                                "a{2}{2}",
                                "^a",
                                "a$",
                                "\\d",
                                "\\",
                                "(?:a)",
                                "(?=a)",
                                "[[:alpha:]]",
                                "\xc3\xa9",
                                "(a{2000}){3}",
                                "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))"})
            CPPUNIT_ASSERT_THROW_MESSAGE(bad, Pattern{bad}, Error);
    }
    // A backtracking matcher needs 2^40 steps for these.
    void staysLinearOnHostileInput() {
        const std::int64_t start = monotonicNs();
        const std::string text(5'000, 'a');
        CPPUNIT_ASSERT(!fits("(a|a)*b", text));
        CPPUNIT_ASSERT(!fits("(a*)*b", text));
        CPPUNIT_ASSERT(
            !fits("a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b", text));
        CPPUNIT_ASSERT(monotonicNs() - start < 2'000'000'000);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PatternTest);
