// SPDX-License-Identifier: Apache-2.0
// openapi.yaml and the routes, held against each other both ways: paths, roles, who may call without signing in.
#include <cppunit/extensions/HelperMacros.h>

#include "fixture.h"
#include "host/api/openapi.h"
#include "openapi_file.h"

using namespace portico;
using namespace portico::api::test;

class RoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RoutesTest);
    CPPUNIT_TEST(everyOperationOfTheFileHasARoute);
    CPPUNIT_TEST(everyRouteIsInTheFile);
    CPPUNIT_TEST(rolesAndOpenRoutesAgree);
    CPPUNIT_TEST(aDifferenceWouldBeSeen);
    CPPUNIT_TEST(theFileItselfIsServed);
    CPPUNIT_TEST_SUITE_END();

    using Operations = std::map<std::string, DocumentedOperation>;

    static Operations file() { return readOperations(api::openApiText()); }

    std::map<std::string, const http::Route*> routes() const {
        constexpr std::string_view kBase = "/api/v1";
        std::map<std::string, const http::Route*> found;
        for (const http::Route* route : site_.router.routes())
            if (route->options.documented) found[route->method + " " + route->pattern.substr(kBase.size())] = route;
        return found;
    }

    void everyOperationOfTheFileHasARoute() {
        const auto routed = routes();
        for (const auto& [name, operation] : file())
            CPPUNIT_ASSERT_MESSAGE(name + " has no route", routed.contains(name));
    }
    void everyRouteIsInTheFile() {
        const auto described = file();
        CPPUNIT_ASSERT(described.size() > 60);
        for (const auto& [name, route] : routes())
            CPPUNIT_ASSERT_MESSAGE(name + " is not in openapi.yaml", described.contains(name));
    }
    void rolesAndOpenRoutesAgree() {
        const auto routed = routes();
        for (const auto& [name, operation] : file()) {
            const http::RouteOptions& options = routed.at(name)->options;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, operation.role, options.role);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, operation.open, !options.auth);
            const bool changes = !name.starts_with("GET ");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, changes && options.auth, operation.csrf);
        }
    }
    void aDifferenceWouldBeSeen() {
        const auto read = readOperations(
            "paths:\n  /a/{b}:\n    get:\n      x-role: admin\n    post:\n      security: []\n"
            "components:\n  /c:\n    get:\n");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, read.size());
        CPPUNIT_ASSERT_EQUAL(std::string("admin"), read.at("GET /a/{b}").role);
        CPPUNIT_ASSERT(read.at("POST /a/{b}").open && !read.at("GET /a/{b}").open);
    }
    void theFileItselfIsServed() {
        auto browser = site_.browser();
        const auto answer = browser.get("/openapi.yaml");
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT(answer.text == api::openApiText());
    }

    Site site_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RoutesTest);
