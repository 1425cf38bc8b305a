// SPDX-License-Identifier: Apache-2.0
// Who gets in: generated from the routes, so that a new route is tested without anybody thinking of it.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"
#include "host/api/routes.h"

using namespace portico;
using namespace portico::api::test;

class GuardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GuardTest);
    CPPUNIT_TEST(everyRouteButTheOpenOnesNeedsASession);
    CPPUNIT_TEST(theOpenRoutesAreTheseAlone);
    CPPUNIT_TEST(theOperatorsRoutesNeedTheLink);
    CPPUNIT_TEST(everyChangeNeedsTheToken);
    CPPUNIT_TEST(everyChangeMustComeFromOurOwnPages);
    CPPUNIT_TEST(staffCannotCallWhatAdministratorsMay);
    CPPUNIT_TEST(problemsHaveTheirShape);
    CPPUNIT_TEST(aForgedCookieIsNobody);
    CPPUNIT_TEST(anUploadIsRefusedBeforeItsBody);
    CPPUNIT_TEST_SUITE_END();

    // The pattern with an id of ours in place of each variable.
    static std::string pathOf(const http::Route& route) {
        std::string path = route.pattern;
        for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{'))
            path.replace(at, path.find('}', at) + 1 - at, newId());
        return path;
    }
    static bool isOperators(const http::Route& route) { return route.options.role == api::kOperatorRole; }
    template <class F>
    void forEachChange(F&& check) {
        for (const http::Route* route : site_.router.routes())
            if (route->method != "GET" && route->options.auth && !isOperators(*route))
                check(*route, route->method + " " + route->pattern);
    }

    void everyRouteButTheOpenOnesNeedsASession() {
        auto nobody = site_.browser();
        int checked = 0;
        for (const http::Route* route : site_.router.routes()) {
            if (!route->options.auth || isOperators(*route)) continue;
            const auto answer = nobody.send(route->method, pathOf(*route), Json::object());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(route->method + " " + route->pattern, 401, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("not_signed_in"), answer.code());
            ++checked;
        }
        CPPUNIT_ASSERT(checked > 60);
    }
    // Not even to a business's owner; and who has the operator's session has nothing but them.
    void theOperatorsRoutesNeedTheLink() {
        auto operating = site_.browser();
        const std::string session = site_.operators.redeem(site_.operators.issue());
        operating.cookie = "portico-operator=" + session;
        operating.csrf = identity::Sessions::csrfToken(session);
        Browser nobody = site_.browser(), owner = site_.signedIn();
        for (Browser* stranger : {&nobody, &owner})
            for (const http::Route* route : site_.router.routes()) {
                const std::string name = route->method + " " + route->pattern;
                if (!isOperators(*route)) continue;
                const auto answer = stranger->send(route->method, pathOf(*route), Json::object());
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 403, answer.status);
                CPPUNIT_ASSERT_EQUAL(std::string("setup_link_needed"), answer.code());
                if (route->method == "GET") continue;
                const auto forged =
                    operating.send(route->method, pathOf(*route), Json::object(), {{"X-CSRF-Token", stranger->csrf}});
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("csrf_failed"), forged.code());
                const auto elsewhere =
                    operating.send(route->method, pathOf(*route), Json::object(), {{"Sec-Fetch-Site", "cross-site"}});
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("csrf_failed"), elsewhere.code());
            }
        CPPUNIT_ASSERT_EQUAL(200, operating.get("/setup/google").status);
        for (const http::Route* route : site_.router.routes())
            if (route->options.auth && !isOperators(*route))
                CPPUNIT_ASSERT_EQUAL(401, operating.send(route->method, pathOf(*route), Json::object()).status);
    }
    void theOpenRoutesAreTheseAlone() {
        std::set<std::string> open;
        for (const http::Route* route : site_.router.routes())
            if (!route->options.auth) open.insert(route->method + " " + route->pattern);
        const std::set<std::string> wanted = {"GET /api/v1/openapi.yaml",
                                              "GET /api/v1/session",
                                              "GET /healthz",
                                              "GET /oauth/callback/google",
                                              "GET /readyz",
                                              "POST /api/v1/session",
                                              "POST /api/v1/setup",
                                              "POST /api/v1/setup/google/session",
                                              "POST /api/v1/erasure",
                                              "POST /api/v1/erasure/view",
                                              "GET /api/v1/privacy",
                                              "GET /api/v1/privacy/{slug}",
                                              "GET /api/v1/privacy/{slug}/versions/{number}",
                                              "POST /hooks/{secret}",
                                              "POST /risc"};
        CPPUNIT_ASSERT(open == wanted);
    }
    void everyChangeNeedsTheToken() {
        auto owner = site_.signedIn();
        for (const std::string& token : {std::string(), owner.csrf + "x", std::string(43, 'A')}) {
            forEachChange([&](const http::Route& route, const std::string& name) {
                const auto answer = owner.send(route.method, pathOf(route), Json::object(), {{"X-CSRF-Token", token}});
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 403, answer.status);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("csrf_failed"), answer.code());
            });
        }
    }
    void everyChangeMustComeFromOurOwnPages() {
        auto owner = site_.signedIn();
        const std::vector<Headers> elsewhere = {
            {{"Sec-Fetch-Site", "cross-site"}},
            {{"Sec-Fetch-Site", "same-site"}},
            {{"Sec-Fetch-Site", ""}, {"Origin", "https://evil.test"}},
            {{"Sec-Fetch-Site", ""}, {"Origin", "null"}},
            {{"Sec-Fetch-Site", ""}, {"Referer", "https://crm.test.evil.test/"}},
            {{"Sec-Fetch-Site", ""}},
        };
        for (const Headers& headers : elsewhere) {
            forEachChange([&](const http::Route& route, const std::string& name) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 403,
                                             owner.send(route.method, pathOf(route), Json::object(), headers).status);
            });
            CPPUNIT_ASSERT_EQUAL(403, owner.post("/session", Json::object(), headers).status);
        }
        const Headers ours{{"Sec-Fetch-Site", ""}, {"Origin", "https://crm.test"}};
        CPPUNIT_ASSERT_EQUAL(201, owner.post("/contacts", card("Ada"), ours).status);
    }
    void staffCannotCallWhatAdministratorsMay() {
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        int checked = 0;
        for (const http::Route* route : site_.router.routes()) {
            if (!route->options.auth || route->options.role == "staff" || isOperators(*route)) continue;
            const auto answer = staff.send(route->method, pathOf(*route), Json::object());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(route->method + " " + route->pattern, 403, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("role_needed"), answer.code());
            ++checked;
        }
        CPPUNIT_ASSERT(checked >= 14);
    }
    void problemsHaveTheirShape() {
        auto owner = site_.signedIn();
        const auto answer = owner.get("/contacts/" + newId());
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"), answer.headers.at("content-type"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://portico.invalid/problems/not_found"), answer.body.str("type"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{404}, answer.body.integer("status"));
        CPPUNIT_ASSERT(!answer.body.str("title").empty() && !answer.body.str("detail").empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{32}, answer.body.str("instance").size());
    }
    void aForgedCookieIsNobody() {
        auto browser = site_.browser();
        browser.cookie = "portico=" + std::string(43, 'A');
        CPPUNIT_ASSERT_EQUAL(401, browser.get("/me").status);
        auto owner = site_.signedIn();
        owner.cookie += "; " + owner.cookie;  // given twice: there is no telling which one is ours
        CPPUNIT_ASSERT_EQUAL(401, owner.get("/me").status);
    }
    void anUploadIsRefusedBeforeItsBody() {
        http::test::Client client(site_.server->port());
        client.send(
            "POST /api/v1/files?name=a.bin HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\n"
            "Content-Type: application/octet-stream\r\nContent-Length: 20000000\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(401, client.read().status);
    }

    Site site_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(GuardTest);
