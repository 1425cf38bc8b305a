// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/http/static_files.h"

using namespace portico;
using namespace portico::http;
using namespace portico::http::test;

namespace {

// A built web folder, served through the router of a real server.
struct Pages {
    Pages() {
        const auto root = site.folder.path() / "dist";
        std::filesystem::create_directories(root / "assets");
        std::filesystem::create_directories(root / ".vite");
        const auto write = [&](const char* name, const std::string& text) { writeFileDurably(root / name, text); };
        write("index.html", "<html nonce=\"__CSP_NONCE__\"><style nonce=\"__CSP_NONCE__\"></style></html>");
        write("favicon.svg", "<svg/>");
        write("assets/app-1a2b.js", "plain");
        write("assets/app-1a2b.js.br", "brotli");
        write("assets/app-1a2b.js.gz", "gzip");
        write("assets/only.css.gz", "no plain sibling");
        write(".vite/manifest.json", "{}");
        writeFileDurably(site.folder.path() / "secret.txt", "secret file");
        std::filesystem::create_symlink(site.folder.path() / "secret.txt", root / "link.txt");
        files = std::make_unique<StaticFiles>(root, SecurityPolicy{{"https://accounts.google.com"}});
        site.router.setFallback([this](Request& request) { return files->serve(request); });
        site.router.addFinisher(securityHeaders({}));
    }
    Reply get(const std::string& path, const std::string& headers = "") { return site.client().get(path, headers); }
    Site site;
    std::unique_ptr<StaticFiles> files;
};

std::string nonceOf(const Reply& page) {
    const std::size_t at = page.body.find("nonce=\"") + 7;
    return page.body.substr(at, page.body.find('"', at) - at);
}

}  // namespace

class StaticFilesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(StaticFilesTest);
    CPPUNIT_TEST(servesThePageWithAFreshNonce);
    CPPUNIT_TEST(servesThePageForEveryPathOfTheApplication);
    CPPUNIT_TEST(servesAssetsCompressedAndImmutable);
    CPPUNIT_TEST(revalidatesByEtag);
    CPPUNIT_TEST(answersNotFoundForMissingFiles);
    CPPUNIT_TEST(neverLeavesTheFolder);
    CPPUNIT_TEST(needsAnIndex);
    CPPUNIT_TEST_SUITE_END();

    void servesThePageWithAFreshNonce() {
        Pages pages;
        const Reply one = pages.get("/"), two = pages.get("/");
        CPPUNIT_ASSERT(nonceOf(one) != nonceOf(two));
        CPPUNIT_ASSERT_EQUAL(std::size_t{22}, nonceOf(one).size());
        CPPUNIT_ASSERT(one.body.find("__CSP_NONCE__") == std::string::npos);
        const std::string policy = one.headers.at("content-security-policy");
        CPPUNIT_ASSERT(policy.find("style-src 'self' 'nonce-" + nonceOf(one) + "'") != std::string::npos);
        CPPUNIT_ASSERT(policy.find("script-src 'self';") != std::string::npos);
        CPPUNIT_ASSERT(policy.find("form-action 'self' https://accounts.google.com;") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("no-store"), one.headers.at("cache-control"));
    }
    void servesThePageForEveryPathOfTheApplication() {
        Pages pages;
        for (const char* path : {"/clients", "/calendar/2026-11-21", "/index.html", "/a/b/"}) {
            const Reply reply = pages.get(path);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 200, reply.status);
            CPPUNIT_ASSERT(reply.body.starts_with("<html"));
        }
    }
    void servesAssetsCompressedAndImmutable() {
        Pages pages;
        const std::string path = "/assets/app-1a2b.js";
        CPPUNIT_ASSERT_EQUAL(std::string("brotli"), pages.get(path, "Accept-Encoding: gzip, br\r\n").body);
        CPPUNIT_ASSERT_EQUAL(std::string("gzip"), pages.get(path, "Accept-Encoding: gzip\r\n").body);
        const Reply plain = pages.get(path);
        CPPUNIT_ASSERT_EQUAL(std::string("plain"), plain.body);
        CPPUNIT_ASSERT_EQUAL(std::string("text/javascript; charset=utf-8"), plain.headers.at("content-type"));
        CPPUNIT_ASSERT_EQUAL(std::string("public, max-age=31536000, immutable"), plain.headers.at("cache-control"));
    }
    void revalidatesByEtag() {
        Pages pages;
        const Reply first = pages.get("/favicon.svg");
        CPPUNIT_ASSERT_EQUAL(std::string("no-cache"), first.headers.at("cache-control"));
        const Reply again = pages.get("/favicon.svg", "If-None-Match: " + first.headers.at("etag") + "\r\n");
        CPPUNIT_ASSERT_EQUAL(304, again.status);
        CPPUNIT_ASSERT(!again.headers.contains("content-length"));
    }
    void answersNotFoundForMissingFiles() {
        Pages pages;
        for (const char* path : {"/assets/app-old.js", "/assets/", "/robots.txt", "/assets/only.css",
                                 "/assets/app-1a2b.js.gz", "/api", "/api/v1/none", "/.vite/manifest.json"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 404, pages.get(path).status);
    }
    void neverLeavesTheFolder() {
        Pages pages;
        for (const char* path :
             {"/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
              "/assets/..%5c..%5csecret.txt", "//secret.txt", "/link.txt", "/assets/%00", "/secret.txt"}) {
            const Reply reply = pages.get(path);
            CPPUNIT_ASSERT_MESSAGE(path, reply.status == 400 || reply.status == 404);
            CPPUNIT_ASSERT(reply.body.find("secret file") == std::string::npos);
        }
    }
    void needsAnIndex() {
        TemporaryFolder empty;
        CPPUNIT_ASSERT_THROW(StaticFiles(empty.path(), {}), Error);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(StaticFilesTest);
