// SPDX-License-Identifier: Apache-2.0
// openapi.yaml and the routes, held against each other both ways: paths, roles, who may call without signing in.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <filesystem>

#include "fixture.h"
#include "host/api/openapi.h"
#include "host/base/fd.h"
#include "host/manifest/manifest.h"
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
    CPPUNIT_TEST(P24_nobodyWritesAProvidersRequest);
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

    // A provider's URL, method or id, by any name that has come up in such APIs.
    static bool isProvidersOwn(std::string name) {
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        for (const char* word :
             {"url",        "uri",        "href",       "host",         "method",  "endpoint",   "header",
              "headers",    "path",       "query",      "ref",          "refs",    "ids",        "etag",
              "remoteid",   "externalid", "providerid", "resourcename", "driveid", "calendarid", "eventid",
              "permission", "cursor",     "synctoken",  "pagetoken",    "scope",   "request",    "connection_id"})
            if (name == word) return true;
        return name.ends_with("url") || name.ends_with("uri") || name.ends_with("host");
    }
    // What people send: the bodies and parameters of every route, and the arguments of every action that they may run.
    void P24_nobodyWritesAProvidersRequest() {
        int seen = 0;
        for (const auto& [name, schema] : readSchemas(api::openApiText())) {
            if (!name.ends_with("Input") && !name.ends_with("Patch")) continue;
            CPPUNIT_ASSERT_MESSAGE(name + " takes whatever is sent", !schema.open);
            for (const auto& [property, type] : schema.properties) {
                ++seen;
                CPPUNIT_ASSERT_MESSAGE(name + "." + property, !isProvidersOwn(property));
            }
        }
        CPPUNIT_ASSERT(seen > 60);
        for (const http::Route* route : site_.router.routes())
            for (std::size_t at = 0; (at = route->pattern.find('{', at)) != std::string::npos; ++at) {
                const std::string name = route->pattern.substr(at + 1, route->pattern.find('}', at) - at - 1);
                CPPUNIT_ASSERT_MESSAGE(route->pattern, !isProvidersOwn(name));
            }
        int actions = 0, host_only = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(PORTICO_PLUGINS)) {
            if (entry.path().filename() != "plugin.json") continue;
            const manifest::Manifest plugin = manifest::parse(Json::parse(readFile(entry.path())));
            for (const manifest::Action& action : plugin.actions) {
                ++actions;
                host_only += action.role == "host" ? 1 : 0;
                if (action.role == "host" || !action.args.isObject() || !action.args.has("properties")) continue;
                for (const auto& [name, schema] : action.args.at("properties").members())
                    CPPUNIT_ASSERT_MESSAGE(plugin.id.str() + " " + action.name + " " + name, !isProvidersOwn(name));
            }
        }
        CPPUNIT_ASSERT(actions > 8 && host_only >= 7);
    }

    Site site_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RoutesTest);
