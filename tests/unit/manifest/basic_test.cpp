// SPDX-License-Identifier: Apache-2.0
// Connections of kind basic: one server per connection, chosen in a setting; WebDAV's methods; {+rest}.
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "host/manifest/egress.h"
#include "host/manifest/url.h"

using namespace portico;

class BasicTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BasicTest);
    CPPUNIT_TEST(knowsOneSpellingOfAServer);
    CPPUNIT_TEST(readsTheServerFromItsSetting);
    CPPUNIT_TEST(refusesManifestsThatLeaveTheServerOpen);
    CPPUNIT_TEST(allowsTheBoundServerAndNoOther);
    CPPUNIT_TEST(restSpansSegmentsButHidesNothing);
    CPPUNIT_TEST(restMustComeLastAndHaveAPattern);
    CPPUNIT_TEST_SUITE_END();

    static Json sample() {
        return Json::parse(R"({
          "id": "books", "version": "1.0.0", "name": "Books", "abi": {"major": 1, "minor": 0}, "library": "books.so",
          "connections": [{"name": "server", "kind": "basic", "provider": "CardDAV", "reason": "Keeps clients in step.",
            "rules": [
              {"host": "{settings.server}", "method": "PROPFIND", "path": "/{+rest}", "vars": {"rest": "[^{}]*"},
               "headers": ["Depth"], "max_body": 4096},
              {"host": "{settings.server}", "method": "PUT", "path": "/dav/{+rest}", "vars": {"rest": "[a-z/]+\\.vcf"},
               "headers": ["If-Match", "If-None-Match"], "max_body": 4096}]}],
          "settings": {"type": "object", "properties": {"server": {"type": "string", "format": "server"}}}})");
    }
    static std::string why(const std::string& from, const std::string& to) {
        std::string text = sample().dump();
        const std::size_t at = text.find(from);
        CPPUNIT_ASSERT_MESSAGE(from, at != std::string::npos);
        try {
            manifest::parse(Json::parse(text.replace(at, from.size(), to)));
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    }
    static void says(const std::string& word, const std::string& text) {
        CPPUNIT_ASSERT_MESSAGE(word + " not in: " + text, text.find(word) != std::string::npos);
    }
    std::string url(const char* method, const std::string& url, const manifest::Headers& headers = {},
                    const char* server = "dav.lan:5232") const {
        return manifest::match(manifest_, "server", method, url, headers, server).url;
    }
    std::string reason(const char* method, const std::string& text, const char* server = "dav.lan:5232") const {
        try {
            url(method, text, {}, server);
        } catch (const Error& error) {
            return error.reason();
        }
        return "allowed";
    }

    void knowsOneSpellingOfAServer() {
        for (const char* good : {"dav.example.org", "dav.lan:5232", "a.b:1", "a.b:65535"})
            CPPUNIT_ASSERT_MESSAGE(good, manifest::isServer(good));
        for (const char* bad : {"", "nas", "dav.lan:", "dav.lan:443", "dav.lan:0", "dav.lan:05232", "dav.lan:65536",
                                "dav.lan:+1", "dav.lan:1:2", "DAV.lan", "https://dav.lan", "dav.lan/x", "u@dav.lan",
                                "127.0.0.1", "[::1]", "dav.lan :1"})
            CPPUNIT_ASSERT_MESSAGE(bad, !manifest::isServer(bad));
    }
    void readsTheServerFromItsSetting() {
        const manifest::Connection& connection = *manifest_.connection("server");
        CPPUNIT_ASSERT_EQUAL(std::string("server"), connection.server_setting);
        CPPUNIT_ASSERT_EQUAL(std::string(), manifest::serverOf(connection, Json::object()));
        CPPUNIT_ASSERT_EQUAL(std::string("dav.lan"),
                             manifest::serverOf(connection, Json::object({{"server", "dav.lan"}})));
    }
    void refusesManifestsThatLeaveTheServerOpen() {
        says("must all name the same host", why("{settings.server}", "dav.example.org"));
        says("'server' of type string and format server", why(",\"format\":\"server\"", ""));
        says("lower-case DNS name", why("{settings.server}", "{settings.}"));
        says("lower-case DNS name", why("\"basic\"", "\"none\""));
        std::string text = sample().dump();
        const std::size_t rules = text.find("\"rules\":["), end = text.find("}]}],", rules);
        says("at least one request", why(text.substr(rules, end + 2 - rules), "\"rules\":[]"));
    }
    void allowsTheBoundServerAndNoOther() {
        CPPUNIT_ASSERT_EQUAL(std::string("https://dav.lan:5232/mia/book/"),
                             url("PROPFIND", "https://dav.lan:5232/mia/book/", {{"Depth", "1"}}));
        for (const char* other : {"https://dav.lan/mia/", "https://dav.lan:5233/mia/", "https://evil.lan:5232/mia/"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(other, std::string("server_changed"), reason("PROPFIND", other));
        CPPUNIT_ASSERT_EQUAL(std::string("server_changed"), reason("PROPFIND", "https://dav.lan:5232/mia/", ""));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), reason("DELETE", "https://dav.lan:5232/mia/book/"));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"),
                             reason("PROPFIND", "https://accounts.google.com/mia/", "accounts.google.com"));
    }
    void restSpansSegmentsButHidesNothing() {
        const std::string at = "https://dav.lan:5232";
        CPPUNIT_ASSERT_EQUAL(at + "/", url("PROPFIND", at + "/"));
        CPPUNIT_ASSERT_EQUAL(at + "/a%40b/c%20d", url("PROPFIND", at + "/a@b/c%20d"));
        CPPUNIT_ASSERT_EQUAL(at + "/dav/a/b.vcf", url("PUT", at + "/dav/a/b.vcf", {{"If-Match", "\"e\""}}));
        for (const char* path :
             {"/dav/../a.vcf", "/dav/%2e%2e/a.vcf", "/dav/a%2fb.vcf", "/dav//a.vcf", "/dav/a\\b.vcf"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string("egress_url"), reason("PUT", at + path));
        for (const char* path : {"/dav/A.vcf", "/dav/a.txt", "/other/a.vcf", "/dav", "/dav/"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string("egress_denied"), reason("PUT", at + path));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), reason("PROPFIND", at + "/a%7bb"));
    }
    void restMustComeLastAndHaveAPattern() {
        says("whole last segment", why("/dav/{+rest}", "/dav/{+rest}/x"));
        says("whole last segment", why("/dav/{+rest}", "/dav/{+rest}.vcf"));
        says("no pattern for 'more'", why("/dav/{+rest}", "/dav/{+more}"));
        says("must be one of", why("\"PROPFIND\"", "\"TRACE\""));
    }

    const manifest::Manifest manifest_ = manifest::parse(sample());
};
CPPUNIT_TEST_SUITE_REGISTRATION(BasicTest);
