// SPDX-License-Identifier: Apache-2.0
// What looks like a secret does not reach a log line, whatever stands around it.
#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "host/base/json.h"
#include "host/base/log.h"

using namespace portico;

class LogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LogTest);
    CPPUNIT_TEST(V23_secretsAreMaskedWhereverTheyStand);
    CPPUNIT_TEST(V23_ordinaryTextStaysAsItIs);
    CPPUNIT_TEST_SUITE_END();

    std::mt19937 random_{23};

    std::string some(std::string_view alphabet, std::size_t least, std::size_t most) {
        std::string text(std::uniform_int_distribution(least, most)(random_), ' ');
        for (char& c : text) c = alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random_)];
        return text;
    }

    void V23_secretsAreMaskedWhereverTheyStand() {
        constexpr std::string_view kToken = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        constexpr std::string_view kAround = " ,;:\"\\{}[]<>\n\t\x01()'|";  // all that JSON escapes, too
        constexpr std::string_view kMarks[] = {"ya29.", "1//", "4/0", "GOCSPX-", "eyJ", "Bearer ", "Basic "};
        for (int i = 0; i < 20'000; ++i) {
            const std::string body = some(kToken, 12, 200);
            const std::string value =
                some(kAround, 0, 8) + std::string(kMarks[i % std::size(kMarks)]) + body + some(kAround, i % 2, 8);
            const std::string line = Json::object().set("event", "x").set("why", value).dump();
            const std::string told = log::masked(line);
            CPPUNIT_ASSERT_MESSAGE(told, told.find(body) == std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(told, told.find("***") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(told, Json::parse(told).str("event") == "x");  // still a line of JSON
        }
    }
    void V23_ordinaryTextStaysAsItIs() {
        const std::string line = R"({"at":"2026-11-22T09:00:00Z","event":"http.request","path":"/api/v1/contacts/1"})";
        CPPUNIT_ASSERT_EQUAL(line, log::masked(line));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);
