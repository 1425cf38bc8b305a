// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/egress.h"

#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "tests/unit/manifest/samples.h"

using namespace portico;

class EgressTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EgressTest);
    CPPUNIT_TEST(allowsWhatARuleAllows);
    CPPUNIT_TEST(writesTheUrlAgain);
    CPPUNIT_TEST(refusesUrlTricks);
    CPPUNIT_TEST(namesWhatIsNotAllowed);
    CPPUNIT_TEST(refusesForeignAndRepeatedHeaders);
    CPPUNIT_TEST(neverReachesCredentialHosts);
    CPPUNIT_TEST_SUITE_END();

    const manifest::Manifest manifest_ = manifest::parse(sampleManifest());
    static constexpr const char* kGet = "https://people.googleapis.com/v1/people/c12?sources=READ_SOURCE_TYPE_CONTACT";

    std::string allowed(const char* method, const std::string& url, const manifest::Headers& headers = {}) const {
        return manifest::match(manifest_, "google", method, url, headers).url;
    }
    std::string refusal(const char* method, const std::string& url, const manifest::Headers& headers = {},
                        const char* connection = "google") const {
        try {
            manifest::match(manifest_, connection, method, url, headers);
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(static_cast<int>(Code::Denied), static_cast<int>(error.code()));
            return error.what();
        }
        return "allowed";
    }
    void refusedFor(const std::string& word, const std::string& text) const {
        CPPUNIT_ASSERT_MESSAGE(word + " not in: " + text, text.find(word) != std::string::npos);
    }

    void allowsWhatARuleAllows() {
        CPPUNIT_ASSERT_EQUAL(std::string(kGet), allowed("GET", kGet));
        allowed("PATCH", "https://people.googleapis.com/v1/people/c1:updateContact?updatePersonFields=names%2Cnotes",
                {{"If-Match", "\"e\""}, {"Content-Type", "application/json"}});
    }
    void writesTheUrlAgain() {
        CPPUNIT_ASSERT_EQUAL(std::string("https://www.googleapis.com/calendar/v3/calendars/z%40x.y/events"),
                             allowed("GET", "https://www.googleapis.com/calendar/v3/calendars/%7a@x.y/events"));
        CPPUNIT_ASSERT_EQUAL(std::string(kGet) + "&pageToken=a%2Fb%20c",
                             allowed("GET", std::string(kGet) + "&pageToken=a/b%20%63"));
    }
    void refusesUrlTricks() {
        for (const char* url : {"http://people.googleapis.com/v1/people/c12",
                                "HTTPS://people.googleapis.com/v1/people/c12",
                                "//people.googleapis.com/v1/people/c12",
                                "/v1/people/c12",
                                "people.googleapis.com/v1/people/c12",
                                "",
                                "https://people.googleapis.com@evil.com/v1/people/c12",
                                "https://people.googleapis.com\\@evil.com/v1/people/c12",
                                "https://user:pw@people.googleapis.com/v1/people/c12",
                                "https://people.googleapis.com:443/v1/people/c12",
                                "https://people.googleapis.com:0443/v1/people/c12",
                                "https://people.googleapis.com:/v1/people/c12",
                                "https://people.googleapis.com:65536/v1/people/c12",
                                "https://people.googleapis.com./v1/people/c12",
                                "https://PEOPLE.googleapis.com/v1/people/c12",
                                "https://people%2egoogleapis.com/v1/people/c12",
                                "https://people.googleapis.com%00.evil.com/v1/people/c12",
                                "https://0x7f.1/v1/people/c12",
                                "https://2130706433/v1/people/c12",
                                "https://127.0.0.1/v1/people/c12",
                                "https://[::1]/v1/people/c12",
                                "https://[fe80::1%25eth0]/v1/people/c12",
                                "https://people.goo\tgleapis.com/v1/people/c12",
                                "https://p\xc3\xa9ople.googleapis.com/v1/people/c12",
                                "https://people\xe3\x80\x82googleapis.com/v1/people/c12",
                                "https://people.googleapis.com#@evil.com/v1/people/c12",
                                "https://people.googleapis.com/v1/people/c12#x",
                                "https://people.googleapis.com?/v1/people/c12",
                                "https://people.googleapis.com",
                                "https://people.googleapis.com/v1/people/c12/../c13",
                                "https://people.googleapis.com/v1/./people/c12",
                                "https://people.googleapis.com/v1/%2e%2e/people/c12",
                                "https://people.googleapis.com/v1//people/c12",
                                "https://people.googleapis.com/v1/people/c12//",
                                "https://people.googleapis.com/v1%2fpeople/c12",
                                "https://people.googleapis.com/v1/people/c12%252f",
                                "https://people.googleapis.com/v1/people/c12%00",
                                "https://people.googleapis.com/v1/people/c1%0d%0aHost:evil",
                                "https://people.googleapis.com/v1\\people/c12",
                                "https://people.googleapis.com/v1/people/c1%5c",
                                "https://people.googleapis.com/v1/people/c12%",
                                "https://people.googleapis.com/v1/people/c12%zz",
                                "https://people.googleapis.com/v1/people/c12%c0%af",
                                "https://people.googleapis.com/v1/people/c12?a=b&&c=d",
                                "https://people.googleapis.com/v1/people/c12?=x",
                                "https://people.googleapis.com/v1/people/c12?sources=a+b",
                                " https://people.googleapis.com/v1/people/c12",
                                "https://people.googleapis.com/v1/people/c12\n",
                                "https://-a.googleapis.com/v1/people/c12"})
            CPPUNIT_ASSERT_MESSAGE(url, refusal("GET", url).find("the request's URL is refused") == 0);
        refusedFor("longer", refusal("GET", std::string(kGet) + "&pageToken=" + std::string(20'000, 'a')));
    }
    void namesWhatIsNotAllowed() {
        refusedFor("connection 'drive'", refusal("GET", kGet, {}, "drive"));
        refusedFor("no rule names this host", refusal("GET", "https://evil.example.com/v1/people/c12"));
        refusedFor("no rule names this host", refusal("GET", "https://people.googleapis.com.evil.com/v1/people/c12"));
        refusedFor("no rule of this host has this path", refusal("GET", "https://people.googleapis.com/v1/people/x12"));
        refusedFor("no rule of this host has this path",
                   refusal("GET", "https://people.googleapis.com/v1/people/c12/extra"));
        refusedFor("no rule names this host", refusal("GET", "https://people.googleapis.com:8443/v1/people/c12"));
        refusedFor("no rule of this host has this path",
                   refusal("GET", "https://people.googleapis.com/v1/people/c12/"));
        refusedFor("no rule of this path has this method", refusal("DELETE", kGet));
        refusedFor("no rule of this path has this method", refusal("get", kGet));
        refusedFor("parameter 'access_token'", refusal("GET", std::string(kGet) + "&access_token=x"));
        refusedFor("exactly one query parameter sources=",
                   refusal("GET", "https://people.googleapis.com/v1/people/c12"));
        refusedFor("exactly one query parameter sources=",
                   refusal("GET", "https://people.googleapis.com/v1/people/c12?sources=READ_SOURCE_TYPE_PROFILE"));
        refusedFor("exactly one query parameter sources=",
                   refusal("GET", std::string(kGet) + "&sources=READ_SOURCE_TYPE_PROFILE"));
        refusedFor("exactly one query parameter sources=", refusal("GET", std::string(kGet) + "&%73ources=x"));
        refusedFor("the header x-other", refusal("GET", kGet, {{"X-Other", "1"}}));
    }
    void refusesForeignAndRepeatedHeaders() {
        for (const char* name :
             {"Authorization", "authorization", "Cookie", "Host", "Proxy-Connection", "X-Forwarded-Host",
              "Content-Length", "Transfer-Encoding", "Forwarded", "X-HTTP-Method-Override"})
            refusedFor("only the host does", refusal("GET", kGet, {{name, "x"}}));
        refusedFor("odd name", refusal("GET", kGet, {{"Accept ", "x"}}));
        refusedFor("odd name", refusal("GET", kGet, {{"Accept\r\nX", "x"}}));
        refusedFor("control", refusal("GET", kGet, {{"Accept", "x\r\nAuthorization: y"}}));
        refusedFor("twice", refusal("GET", kGet, {{"Accept", "x"}, {"accept", "y"}}));
        refusedFor("16 KiB", refusal("GET", kGet, {{"Accept", std::string(20'000, 'x')}}));
    }
    void neverReachesCredentialHosts() {
        for (const char* url :
             {"https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/v2/auth",
              "https://www.googleapis.com/oauth2/v3/tokeninfo", "https://www.googleapis.com/OAuth2/v3/certs"})
            refusedFor("credentials are made and explained there", refusal("GET", url));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EgressTest);
