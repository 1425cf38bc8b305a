// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <openssl/ssl.h>

#include "fixture.h"
#include "host/base/error.h"
#include "host/http/transport.h"

using namespace portico;
using namespace portico::http;
using namespace portico::http::test;

class TlsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TlsTest);
    CPPUNIT_TEST(speaksTls12AndTls13);
    CPPUNIT_TEST(refusesTls10AndTls11);
    CPPUNIT_TEST(refusesSuitesWithoutForwardSecrecy);
    CPPUNIT_TEST(isNotStarvedByHalfOpenHandshakes);
    CPPUNIT_TEST(endsHalfOpenHandshakesAtTheDeadline);
    CPPUNIT_TEST(closesOnPlainHttp);
    CPPUNIT_TEST(keepsATlsConnectionForManyRequests);
    CPPUNIT_TEST(saysWhatIsWrongWithTheFiles);
    CPPUNIT_TEST_SUITE_END();

    void speaksTls12AndTls13() {
        Site site({}, true);
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
            CPPUNIT_ASSERT_EQUAL(std::string("hello"), site.client(version).get("/hello").body);
    }
    void refusesTls10AndTls11() {
        Site site({}, true);
        for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
            Client client(site.server->port(), Client::Kind::Tls, version);
            CPPUNIT_ASSERT(!client.handshake());
        }
    }
    void refusesSuitesWithoutForwardSecrecy() {
        Site site({}, true);
        for (const char* suite : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256"}) {
            Client client(site.server->port(), Client::Kind::Tls, TLS1_2_VERSION);
            client.offerOnly(suite);
            CPPUNIT_ASSERT_MESSAGE(suite, !client.handshake());
        }
    }
    void isNotStarvedByHalfOpenHandshakes() {
        Site site({}, true, 2);
        std::vector<Client> half_open;
        for (int i = 0; i < 200; ++i) {
            half_open.emplace_back(site.server->port());
            if (i % 2) half_open.back().send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9));
        }
        Client client = site.client();
        for (int i = 0; i < 20; ++i) CPPUNIT_ASSERT_EQUAL(200, client.get("/hello").status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{201}, site.server->stats().connections);
    }
    void endsHalfOpenHandshakesAtTheDeadline() {
        Limits limits;
        limits.handshake = Millis(100);
        Site site(limits, true);
        Client client(site.server->port());
        CPPUNIT_ASSERT(client.closedByServer());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, site.server->stats().expired);
    }
    void closesOnPlainHttp() {
        Site site({}, true);
        Client client(site.server->port());
        client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        CPPUNIT_ASSERT(client.closedByServer());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, site.server->stats().requests);
    }
    void keepsATlsConnectionForManyRequests() {
        Site site({}, true);
        Client client = site.client();
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.get("/hello").body);
        CPPUNIT_ASSERT_EQUAL(std::string(100'000, 'x'),
                             client.request("POST", "/echo", std::string(100'000, 'x')).body);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, site.server->stats().accepted);
    }
    void saysWhatIsWrongWithTheFiles() {
        TemporaryFolder one, other;
        const TlsFiles files = makeCertificate(one.path());
        CPPUNIT_ASSERT_THROW(TlsContext(files.certificate, makeCertificate(other.path()).key), Error);
        try {
            TlsContext(one.path() / "absent.pem", files.key);
            CPPUNIT_FAIL("a missing certificate was accepted");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(std::string(error.what()).find("absent.pem") != std::string::npos);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TlsTest);
