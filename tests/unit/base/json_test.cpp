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
        CPPUNIT_ASSERT(Json::parse(" null ").isNull());
    }
    void refusesWhatPocoLetsThrough() {
        for (const char* text : {R"({"a":1,"a":2})", "[18446744073709551616]", "[9223372036854775808]", "[1e400]", "",
                                 "[1", "{\"a\":}", "[1] x", "\xff", "[1,2", "1,2"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, static_cast<int>(Code::Invalid), static_cast<int>(codeOf(text)));
    }
    void refusesDeepNesting() {
        CPPUNIT_ASSERT(codeOf(std::string(32, '[') + std::string(32, ']')) == Code::Ok);
        CPPUNIT_ASSERT(codeOf(std::string(33, '[') + std::string(33, ']')) == Code::Invalid);
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
