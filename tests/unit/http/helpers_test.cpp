// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "host/base/ids.h"
#include "host/http/conditional.h"
#include "host/http/cookies.h"
#include "host/http/csrf.h"
#include "host/http/paging.h"

using namespace portico;
using namespace portico::http;

namespace {

Request with(std::initializer_list<std::pair<const char*, const char*>> headers, const std::string& method = "POST") {
    Request request;
    request.method = method;
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return request;
}

std::string reasonOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.reason();
    }
    return "";
}

}  // namespace

class HelpersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HelpersTest);
    CPPUNIT_TEST(readsCookies);
    CPPUNIT_TEST(makesCookiesThatPagesCannotRead);
    CPPUNIT_TEST(acceptsWritesOfOurOwnPagesOnly);
    CPPUNIT_TEST(comparesTheCsrfToken);
    CPPUNIT_TEST(needsTheVersionThatIsChanged);
    CPPUNIT_TEST(knowsWhatTheClientHas);
    CPPUNIT_TEST(pagesByKey);
    CPPUNIT_TEST(readsJsonThatIsDeclared);
    CPPUNIT_TEST(takesOnlyIdsForIds);
    CPPUNIT_TEST_SUITE_END();

    void readsCookies() {
        const Request request = with({{"Cookie", "a=1; __Host-portico=x-y_z; b=2"}, {"Cookie", "c=3; b=4"}});
        CPPUNIT_ASSERT_EQUAL(std::string("x-y_z"), request.cookie("__Host-portico").value());
        CPPUNIT_ASSERT_EQUAL(std::string("3"), request.cookie("c").value());
        CPPUNIT_ASSERT(!request.cookie("b").has_value());
        CPPUNIT_ASSERT(!request.cookie("portico").has_value());
    }
    void makesCookiesThatPagesCannotRead() {
        CPPUNIT_ASSERT_EQUAL(std::string("__Host-portico=abc; Path=/; HttpOnly; SameSite=Lax; Secure"),
                             setCookie("portico", "abc", true));
        CPPUNIT_ASSERT_EQUAL(std::string("portico=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60"),
                             setCookie("portico", "abc", false, SameSite::Strict, std::chrono::seconds(60)));
        CPPUNIT_ASSERT(clearCookie("portico", true).ends_with("; Max-Age=0"));
        for (const char* value : {"a;b", "a b", "a\r\n", "a,b"})
            CPPUNIT_ASSERT_THROW(setCookie("portico", value, true), Error);
    }
    void acceptsWritesOfOurOwnPagesOnly() {
        const auto check = [](const Request& request) {
            return reasonOf([&] { checkSameOrigin(request, "https://crm.test"); });
        };
        for (const Request& good :
             {with({{"Sec-Fetch-Site", "same-origin"}}), with({{"Origin", "https://crm.test"}}),
              with({{"Referer", "https://crm.test/a"}}), with({{"Sec-Fetch-Site", "cross-site"}}, "GET"),
              with({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://crm.test"}})})
            CPPUNIT_ASSERT_EQUAL(std::string(), check(good));
        for (const Request& bad :
             {with({}), with({{"Sec-Fetch-Site", "cross-site"}}), with({{"Sec-Fetch-Site", "same-site"}}),
              with({{"Origin", "null"}}), with({{"Origin", "https://crm.test.evil"}}),
              with({{"Referer", "https://crm.test.evil/"}}), with({{"Origin", "http://crm.test"}}, "DELETE"),
              with({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://evil"}})})
            CPPUNIT_ASSERT_EQUAL(std::string("csrf"), check(bad));
    }
    void comparesTheCsrfToken() {
        CPPUNIT_ASSERT_NO_THROW(checkCsrfToken(with({{"X-CSRF-Token", "t"}}), "t"));
        CPPUNIT_ASSERT_NO_THROW(checkCsrfToken(with({}, "GET"), "t"));
        CPPUNIT_ASSERT_THROW(checkCsrfToken(with({}), "t"), Error);
        CPPUNIT_ASSERT_THROW(checkCsrfToken(with({{"X-CSRF-Token", "u"}}), "t"), Error);
        CPPUNIT_ASSERT_THROW(checkCsrfToken(with({}), ""), Error);
    }
    void needsTheVersionThatIsChanged() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{12}, expectedVersion(with({{"If-Match", etagFor(12).c_str()}})));
        CPPUNIT_ASSERT_EQUAL(std::string("precondition_required"), reasonOf([] { expectedVersion(with({})); }));
        for (const char* tag : {"*", "12", "\"12\"", "\"v\"", "\"v1x\"", "\"v-1\"", "W/\"v1\"", "\"v1\", \"v2\"",
                                "\"v99999999999999999999\""})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(tag, std::string("stale"), reasonOf([&] {
                                             expectedVersion(with({{"If-Match", tag}}));
                                         }));
        CPPUNIT_ASSERT_EQUAL(std::string("stale"), reasonOf([] { checkVersion(1, 2); }));
        CPPUNIT_ASSERT_EQUAL(std::string(), reasonOf([] { checkVersion(2, 2); }));
    }
    void knowsWhatTheClientHas() {
        CPPUNIT_ASSERT(notModified(with({{"If-None-Match", "\"a\", W/\"v1\""}}), "\"v1\""));
        CPPUNIT_ASSERT(!notModified(with({{"If-None-Match", "\"v12\""}}), "\"v1\""));
        CPPUNIT_ASSERT(!notModified(with({}), "\"v1\""));
    }
    void pagesByKey() {
        Request request;
        request.query = {{"limit", "2"}, {"after", encodeCursor({"Zoë", "17"})}};
        const Page page = pageOf(request, 2);
        CPPUNIT_ASSERT_EQUAL(2, page.limit);
        CPPUNIT_ASSERT(page.after == (CursorKey{"Zoë", "17"}));
        CPPUNIT_ASSERT(pageOf(Request(), 2).after.empty());
        CPPUNIT_ASSERT_THROW(pageOf(request, 3), Error);
        for (const char* limit : {"0", "201", "x", "5x", "", "-1"}) {
            request.query["limit"] = limit;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(limit, std::string("bad_limit"), reasonOf([&] { pageOf(request, 2); }));
        }
        for (const char* cursor : {"", "!", "WzFd", "eyJhIjoxfQ"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(cursor, std::string("bad_cursor"), reasonOf([&] { decodeCursor(cursor, 1); }));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"items":[1],"next":null})"), pageJson({Json(1)}, {}).dump());
    }
    void readsJsonThatIsDeclared() {
        Request request = with({{"Content-Type", "application/json; charset=utf-8"}});
        request.body = R"({"a":1})";
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, request.json().integer("a"));
        request.headers.set("Content-Type", "text/plain");
        CPPUNIT_ASSERT_EQUAL(std::string("media_type"), reasonOf([&] { (void)request.json(); }));
    }
    void takesOnlyIdsForIds() {
        Request request;
        request.vars = {{"id", newId()}, {"bad", "1'--"}};
        CPPUNIT_ASSERT_NO_THROW((void)request.idVar("id"));
        CPPUNIT_ASSERT_EQUAL(std::string("not_found"), reasonOf([&] { (void)request.idVar("bad"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_path_variable"), reasonOf([&] { (void)request.var("other"); }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HelpersTest);
