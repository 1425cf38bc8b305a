// SPDX-License-Identifier: Apache-2.0
#include "host/base/json.h"

#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"

using portico::Code;
using portico::Error;
using portico::Json;

class JsonTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(JsonTest);
    CPPUNIT_TEST(readsAndWritesEveryType);
    CPPUNIT_TEST(refusesWhatPocoLetsThrough);
    CPPUNIT_TEST(refusesDeepNesting);
    CPPUNIT_TEST(refusesWideObjects);
    CPPUNIT_TEST(comparesObjectsWithoutOrder);
    CPPUNIT_TEST(namesTheMemberThatIsWrong);
    CPPUNIT_TEST(splitsLines);
    CPPUNIT_TEST_SUITE_END();

    static Code codeOf(std::string_view text) {
        try {
            Json::parse(text);
        } catch (const Error& error) {
            return error.code();
        }
        return Code::Ok;
    }

    void readsAndWritesEveryType() {
        const std::string text = R"({"a":[1,-2,3.5,"x\n\u00e9",true,false,null],"o":{"n":9223372036854775807}})";
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":[1,-2,3.5,"x\né",true,false,null],"o":{"n":9223372036854775807}})"),
                             Json::parse(text).dump());
        CPPUNIT_ASSERT_EQUAL(std::string("x"), Json::parse("\"x\"").str());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-9007199254740992}, Json::parse("-9007199254740992").integer());
        const Json large =
            Json::parse("[1e20,-1.5e300]");  // written without an exponent: more digits than an integer has
        CPPUNIT_ASSERT(Json::parse(large.dump()) == large);
        CPPUNIT_ASSERT(Json::parse(" null ").isNull());
    }
    void refusesWhatPocoLetsThrough() {
        for (const char* text :
             {R"({"a":1,"a":2})", "[18446744073709551616]", "[9223372036854775808]", "[-9007199254740993]",
              "[-9223372036854775808]", "[1e400]", "", "[1", "{\"a\":}", "[1] x", "\xff", "[1,2", "1,2"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, static_cast<int>(Code::Invalid), static_cast<int>(codeOf(text)));
    }
    void refusesDeepNesting() {
        CPPUNIT_ASSERT(codeOf(std::string(32, '[') + std::string(32, ']')) == Code::Ok);
        CPPUNIT_ASSERT(codeOf(std::string(33, '[') + std::string(33, ']')) == Code::Invalid);
    }
    void refusesWideObjects() {
        const auto wide = [](int names, const std::string& last) {
            std::string text = "{";
            for (int i = 1; i < names; ++i) text += "\"" + std::to_string(i) + "\":0,";
            return text + "\"" + last + "\":0}";
        };
        CPPUNIT_ASSERT(codeOf(wide(10'000, "last")) == Code::Ok);
        CPPUNIT_ASSERT(codeOf(wide(10'001, "last")) == Code::Invalid);
        CPPUNIT_ASSERT(codeOf(wide(10'000, "1")) == Code::Invalid);
        CPPUNIT_ASSERT(codeOf(R"([{"a":{"b":1},"b":2,"a":3}])") == Code::Invalid);
    }
    void comparesObjectsWithoutOrder() {
        CPPUNIT_ASSERT(Json::parse(R"({"a":1,"b":[2]})") == Json::parse(R"({"b":[2],"a":1.0})"));
        CPPUNIT_ASSERT(!(Json::parse(R"({"a":1})") == Json::parse(R"({"a":2})")));
    }
    void namesTheMemberThatIsWrong() {
        try {
            Json::parse(R"({"count":"three"})").integer("count");
            CPPUNIT_FAIL("accepted a string as an integer");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("member 'count': expected an integer, found a string"),
                                 std::string(error.what()));
        }
    }
    void splitsLines() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, portico::parseJsonLines("{\"a\":1}\n\n{\"a\":2}").size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JsonTest);
