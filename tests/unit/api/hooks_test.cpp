// SPDX-License-Identifier: Apache-2.0
// POST /hooks/<secret>: open to anyone, tells nobody anything, and takes only so much.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"

using namespace portico;
using namespace portico::api::test;

class HooksTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HooksTest);
    CPPUNIT_TEST(aServiceNeedsNoSessionAndNoOrigin);
    CPPUNIT_TEST(theServiceHearsNothingOfItsNotification);
    CPPUNIT_TEST(theCookieOfAPersonIsNotLookedAt);
    CPPUNIT_TEST(anAddressTakesSoManyAtOnce);
    CPPUNIT_TEST_SUITE_END();

    static Headers foreign(const std::string& name, const std::string& value) {
        return {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.test"}, {name, value}};
    }

    void aServiceNeedsNoSessionAndNoOrigin() {
        auto service = site_.browser();
        const auto answer =
            service.sendBytes("POST", "/hooks/known", "payload", foreign("X-Goog-Resource-State", "exists"));
        CPPUNIT_ASSERT_EQUAL(204, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string(), answer.text);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, site_.sync.notifications.size());
        const std::string& got = site_.sync.notifications[0];
        CPPUNIT_ASSERT_MESSAGE(got, got.find(R"("x-goog-resource-state":"exists")") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(got, got.ends_with("payload"));
    }
    void theServiceHearsNothingOfItsNotification() {
        auto service = site_.browser();
        std::set<std::string> words;
        for (const char* secret : {"x", "knowN", "known2", "00000000000000000000000000000000"}) {
            const auto answer = service.sendBytes("POST", std::string("/hooks/") + secret, "", foreign("A", "b"));
            CPPUNIT_ASSERT_EQUAL(404, answer.status);
            CPPUNIT_ASSERT(!answer.headers.contains("location"));
            words.insert(answer.body.str("title") + answer.body.str("detail"));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, words.size());
        CPPUNIT_ASSERT_EQUAL(
            413,
            service.sendBytes("POST", "/hooks/known", std::string((64u << 10) + 1, 'x'), foreign("A", "b")).status);
        CPPUNIT_ASSERT(site_.sync.notifications.empty());
    }
    void theCookieOfAPersonIsNotLookedAt() {
        auto owner = site_.signedIn();
        CPPUNIT_ASSERT_EQUAL(204, owner.sendBytes("POST", "/hooks/known", "", foreign("A", "b")).status);
        CPPUNIT_ASSERT(site_.sync.notifications[0].find("ookie") == std::string::npos);
    }
    void anAddressTakesSoManyAtOnce() {
        auto service = site_.browser();
        for (int i = 0; i < 100; ++i)
            CPPUNIT_ASSERT_EQUAL(204, service.sendBytes("POST", "/hooks/known", "", foreign("A", "b")).status);
        const auto later = service.sendBytes("POST", "/hooks/known", "", foreign("A", "b"));
        CPPUNIT_ASSERT_EQUAL(503, later.status);
        CPPUNIT_ASSERT(later.headers.contains("retry-after"));
        CPPUNIT_ASSERT_EQUAL(404, service.sendBytes("POST", "/hooks/other", "", foreign("A", "b")).status);
        site_.clock.advance(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(204, service.sendBytes("POST", "/hooks/known", "", foreign("A", "b")).status);
    }

    Site site_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HooksTest);
