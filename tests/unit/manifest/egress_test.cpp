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
    CPPUNIT_TEST(S9_hostTricks);
    CPPUNIT_TEST(S10_pathTricks);
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
    void refusedUrl(const std::string& url) const {
        const std::string why = refusal("GET", url);
        CPPUNIT_ASSERT_MESSAGE(url + ": " + why, why.find("the request's URL is refused") == 0);
    }
    void S9_hostTricks() {
        for (const char* start :
             {"http://people.googleapis.com", "HTTPS://people.googleapis.com", "https:people.googleapis.com",
              "https:/people.googleapis.com", "https:///people.googleapis.com", "https:\\\\people.googleapis.com",
              "//people.googleapis.com", "people.googleapis.com", "", " https://people.googleapis.com",
              "file://people.googleapis.com",
              // another host behind or before ours
              "https://people.googleapis.com@evil.com", "https://people.googleapis.com\\@evil.com",
              "https://people.googleapis.com%40evil.com", "https://people.googleapis.com\\.evil.com",
              "https://evil.com\\people.googleapis.com", "https://people.googleapis.com#@evil.com",
              "https://people.googleapis.com;evil.com", "https://people.googleapis.com,evil.com",
              "https://people.googleapis.com%00.evil.com", "https://people.googleapis.com%2eevil.com",
              "https://people.googleapis.com?@evil.com", "https://user:pw@people.googleapis.com",
              "https://user@people.googleapis.com", "https://@people.googleapis.com", "https://:@people.googleapis.com",
              // the same name in another spelling
              "https://people.googleapis.com.", "https://.people.googleapis.com", "https://people..googleapis.com",
              "https://PEOPLE.googleapis.com", "https://people%2egoogleapis.com", "https://%70eople.googleapis.com",
              "https://people.goo\tgleapis.com", "https://people.goo\ngleapis.com",
              "https://people.goo\xc2\xadgleapis.com",     // soft hyphen
              "https://people\xe3\x80\x82googleapis.com",  // ideographic full stop
              "https://people\xef\xbc\x8egoogleapis.com",  // full-width full stop
              "https://\xef\xbd\x90"
              "eople.googleapis.com",  // full-width p
              "https://people.googl\xd0\xb5"
              "apis.com",  // Cyrillic e
              "https://people.goog\xe2\x84\x93"
              "eapis.com",  // script l
              "https://-a.googleapis.com", "https://people_.googleapis.com",
              // ports
              "https://people.googleapis.com:443", "https://people.googleapis.com:0443",
              "https://people.googleapis.com:", "https://people.googleapis.com:65536",
              "https://people.googleapis.com:-1", "https://people.googleapis.com:0",
              "https://people.googleapis.com:80:443",
              // addresses, in all their spellings
              "https://127.0.0.1", "https://127.1", "https://0x7f.1", "https://0x7f000001", "https://0177.0.0.1",
              "https://2130706433", "https://169.254.169.254", "https://[::1]", "https://[::ffff:127.0.0.1]",
              "https://[fe80::1%25eth0]", "https://[fe80::1%eth0]", "https://localhost"})
            refusedUrl(std::string(start) + "/v1/people/c12");
        // Well-formed names that merely resemble one of the manifest's: no rule names them.
        for (const char* host : {"people.googleapis.com.evil.com", "evil-people.googleapis.com", "people.googleapis.co",
                                 "xn--peple-jua.googleapis.com", "people.xn--gogleapis-n7a.com", "googleapis.com",
                                 "people.googleapis.com:8443", "people.googleapis.com:80"})
            refusedFor("no rule names this host",
                       refusal("GET", "https://" + std::string(host) + "/v1/people/c12?sources=x"));
    }
    void S10_pathTricks() {
        for (const char* rest : {"",
                                 "?/v1/people/c12",
                                 "/v1/people/c12/../c13",
                                 "/v1/people/c12/..",
                                 "/../v1/people/c12",
                                 "/v1/./people/c12",
                                 "/v1/%2e%2e/people/c12",
                                 "/v1/%2E./people/c12",
                                 "/v1/.%2e/people/c12",
                                 "/v1/%252e%252e/people/c12",
                                 "/v1//people/c12",
                                 "//v1/people/c12",
                                 "/v1/people/c12//",
                                 "/v1%2fpeople/c12",
                                 "/v1/people%2Fc12",
                                 "/v1/people/c12%252f",
                                 "/v1/people/c12%25",
                                 "/v1/people/c12%2525",
                                 "/v1\\people/c12",
                                 "/v1/people/c1%5c",
                                 "/v1/people/c12%",
                                 "/v1/people/c12%2",
                                 "/v1/people/c12%zz",
                                 "/v1/people/c12%u002e",
                                 "/v1/people/c12%c0%af",
                                 "/v1/people/c12%c0%ae%c0%ae",
                                 "/v1/people/c12%e0%80%af",
                                 "/v1/people/c12%00",
                                 "/v1/people/c12%00.json",
                                 "/v1/people/c1%0d%0aHost:evil",
                                 "/v1/people/c12%7f",
                                 "/v1/people/c12\n",
                                 "/v1/people/c12#x",
                                 "/v1/people/c12?a=b&&c=d",
                                 "/v1/people/c12?=x",
                                 "/v1/people/c12?sources=a+b",
                                 "/v1/people/c12?sources=%0d%0aX:y",
                                 "/v1/people/c12?sources=%c0%af"})
            refusedUrl("https://people.googleapis.com" + std::string(rest));
        // Decoded once and still plain: then the pattern of the variable decides.
        for (const char* segment :
             {"c12;a=b", "c12%3b", "c12%3F", "c12%23", "c12,c13", "C12", "c%EF%BC%91", "c12%20", "~c12"})
            refusedFor("no rule of this host has this path",
                       refusal("GET", "https://people.googleapis.com/v1/people/" + std::string(segment)));
        CPPUNIT_ASSERT_EQUAL(std::string(kGet), allowed("GET",
                                                        "https://people.googleapis.com/%761/people/%63%31%32"
                                                        "?%73ources=READ_SOURCE_TYPE_CONTACT"));
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
