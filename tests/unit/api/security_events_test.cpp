// SPDX-License-Identifier: Apache-2.0
// POST /risc as RFC 8935 wants it answered, and what the tenant concerned hears.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"

using namespace portico;
using namespace portico::api::test;

class SecurityEventsApiTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SecurityEventsApiTest);
    CPPUNIT_TEST(V20_aTrueEventIsTakenAndItsTenantTold);
    CPPUNIT_TEST(V20_aFalseOneIsRefusedInTheProtocolsWords);
    CPPUNIT_TEST(V20_soManyAreTakenAtOnce);
    CPPUNIT_TEST_SUITE_END();

    Answer post(const std::string& token, const char* type = "application/secevent+jwt") {
        return browser_.sendBytes("POST", "/risc", token,
                                  {{"Content-Type", type}, {"Sec-Fetch-Site", "cross-site"}, {"X-CSRF-Token", ""}});
    }

    void V20_aTrueEventIsTakenAndItsTenantTold() {
        const TenantId one = site_.tenantOf("owner@one.test"), two = site_.tenantOf("owner@two.test");
        site_.vault.connect(one, site_.userOf("owner@one.test").id, "google-contacts");
        const auto answer = post("signed");
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string(), answer.text);
        const auto told = site_.eventTypes(one), others = site_.eventTypes(two);
        CPPUNIT_ASSERT(std::count(told.begin(), told.end(), "connection.revoked") == 1);
        CPPUNIT_ASSERT(std::count(others.begin(), others.end(), "connection.revoked") == 0);
    }
    void V20_aFalseOneIsRefusedInTheProtocolsWords() {
        const auto forged = post("forged");
        CPPUNIT_ASSERT_EQUAL(400, forged.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), forged.headers.at("content-type").substr(0, 16));
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_key"), forged.body.str("err"));
        CPPUNIT_ASSERT(!forged.body.str("description").empty());
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_request"), post("signed", "text/plain").body.str("err"));
        CPPUNIT_ASSERT_EQUAL(413, post(std::string((64u << 10) + 1, 'x')).status);
    }
    void V20_soManyAreTakenAtOnce() {
        for (int i = 0; i < 200; ++i) CPPUNIT_ASSERT_EQUAL(400, post("forged").status);
        CPPUNIT_ASSERT_EQUAL(503, post("forged").status);
        site_.clock.advance(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(202, post("signed").status);
    }

    Site site_;
    Browser browser_ = site_.browser();
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecurityEventsApiTest);
