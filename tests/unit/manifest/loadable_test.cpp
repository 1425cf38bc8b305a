// SPDX-License-Identifier: Apache-2.0
// What a host of some ABI says of a plugin before it is loaded; the versions of plugin-abi's skew table among them.
#include "host/manifest/loadable.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/unit/manifest/samples.h"

using namespace portico;
using namespace portico::manifest;

class LoadableTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LoadableTest);
    CPPUNIT_TEST(newerHostsTakeOlderPlugins);
    CPPUNIT_TEST(missingTablesAndDraftsAreNamed);
    CPPUNIT_TEST(untrustedPluginsSayWhy);
    CPPUNIT_TEST_SUITE_END();

    static Manifest plugin(int major, int minor, Json host = Json::array({"portico.http/1"})) {
        Json json = sampleManifest();
        json.set("abi", Json::object({{"major", major}, {"minor", minor}}))
            .set("requires", Json::object({{"host", std::move(host)}}));
        Manifest manifest = parse(json);
        manifest.trust.state = Trust::State::Signed;
        manifest.trust.may_run = true;
        return manifest;
    }
    static std::string told(const Manifest& manifest, int major, int minor, bool drafts = false) {
        std::string all;
        for (const std::string& problem : loadProblems(
                 manifest, {major, minor, {"portico.http/1", "portico.store/1", "portico.draft.maps/1"}, drafts}))
            all += (all.empty() ? "" : "; ") + problem;
        return all;
    }

    void newerHostsTakeOlderPlugins() {
        CPPUNIT_ASSERT_EQUAL(std::string(), told(plugin(1, 0), 1, 0));
        CPPUNIT_ASSERT_EQUAL(std::string(), told(plugin(1, 0), 1, 7));
        CPPUNIT_ASSERT_EQUAL(std::string("needs host ABI 1.1, this is 1.0"), told(plugin(1, 1), 1, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("needs host ABI 1.0, this is 2.0"), told(plugin(1, 0), 2, 0));
    }
    void missingTablesAndDraftsAreNamed() {
        const Manifest wants = plugin(1, 0, Json::array({"portico.store/1", "portico.store/2", "portico.fax/1"}));
        CPPUNIT_ASSERT_EQUAL(std::string("needs abilities that this host lacks: portico.store/2, portico.fax/1"),
                             told(wants, 1, 0));
        const Manifest draft = plugin(1, 0, Json::array({"portico.draft.maps/1"}));
        CPPUNIT_ASSERT(told(draft, 1, 0).find("plugins.allow_drafts") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(), told(draft, 1, 0, true));
    }
    void untrustedPluginsSayWhy() {
        Manifest manifest = plugin(1, 0);
        manifest.trust = {
            Trust::State::Modified, "", "x.so", false, {}, "the file x.so is not the one that was signed"};
        CPPUNIT_ASSERT(told(manifest, 1, 0).find("x.so is not the one") != std::string::npos);
        manifest.trust = {Trust::State::Unsigned, "", "", false, {}, "it has no signature"};
        CPPUNIT_ASSERT(told(manifest, 1, 0).find("not signed by a key") != std::string::npos);
        manifest.trust.may_run = true;  // developer mode
        CPPUNIT_ASSERT_EQUAL(std::string(), told(manifest, 1, 0));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LoadableTest);
