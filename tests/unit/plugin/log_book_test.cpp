// SPDX-License-Identifier: Apache-2.0
// Reading a plugin's log along: nothing twice, nothing of another plugin, no waiting when there is something.
#include "host/plugin/log_book.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

using namespace portico;
using plugin::LogBook;

class LogBookTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LogBookTest);
    CPPUNIT_TEST(linesComeOnceAndInOrder);
    CPPUNIT_TEST(waitingEndsWithTheFirstLine);
    CPPUNIT_TEST(onlyTheLastLinesAreKept);
    CPPUNIT_TEST(theInstallationsLogHasCodesAlone);
    CPPUNIT_TEST_SUITE_END();

    LogBook book;

    void add(const std::string& plugin, const std::string& event) {
        LogBook::Line line;
        line.event = event;
        book.add(plugin, std::move(line));
    }

    void linesComeOnceAndInOrder() {
        add("a", "one");
        add("b", "other");
        add("a", "two");
        const auto lines = book.after("a", 0, Millis(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("one"), lines[0].event);
        CPPUNIT_ASSERT_EQUAL(std::string("two"), lines[1].event);
        CPPUNIT_ASSERT(book.after("a", lines[1].number, Millis(0)).empty());
        CPPUNIT_ASSERT_EQUAL(lines[1].number, book.newest());
        CPPUNIT_ASSERT(book.after("nobody", 0, Millis(0)).empty());
    }
    void waitingEndsWithTheFirstLine() {
        std::thread writer([this] {
            add("b", "noise");
            add("a", "late");
        });
        const auto lines = book.after("a", 0, Millis(60'000));
        writer.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("late"), lines[0].event);
    }
    void onlyTheLastLinesAreKept() {
        for (std::size_t i = 0; i < LogBook::kLines + 3; ++i) add("a", std::to_string(i));
        const auto lines = book.after("a", 0, Millis(0));
        CPPUNIT_ASSERT_EQUAL(LogBook::kLines, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("3"), lines[0].event);
    }
    void theInstallationsLogHasCodesAlone() {
        CPPUNIT_ASSERT_EQUAL(std::string("page_read"), plugin::codesOnly("page_read"));
        const std::string given = R"x({"n":3,"ok":true,"path":"/v1/people","who":"Ada Lovelace"})x";
        CPPUNIT_ASSERT_EQUAL(std::string(R"x({"n":3,"ok":true,"path":"/v1/people","who":"(12 bytes)"})x"),
                             plugin::codesOnlyOf(given));
        for (const char* personal : {"ada@x.test", "+44 20 7946", "Ada", "ada lovelace"})
            CPPUNIT_ASSERT(plugin::codesOnly(personal).starts_with("("));
        CPPUNIT_ASSERT(plugin::codesOnlyOf(R"({"card":{"name":"Ada"},"Ada":1})").find("Ada") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("(7 bytes)"), plugin::codesOnlyOf("no JSON"));
        CPPUNIT_ASSERT_EQUAL(std::string(), plugin::codesOnlyOf(""));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogBookTest);
