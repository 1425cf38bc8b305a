// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/signature.h"

#include <cppunit/extensions/HelperMacros.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "tests/unit/manifest/samples.h"

using namespace portico;
namespace fs = std::filesystem;
using State = manifest::Trust::State;

class SignatureTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SignatureTest);
    CPPUNIT_TEST(signedPluginMayRun);
    CPPUNIT_TEST(privateKeysAreForTheirOwnerAndNeverOverwritten);
    CPPUNIT_TEST(builtInIsTheBuildsOwnKey);
    CPPUNIT_TEST(unsignedRunsInDeveloperModeOnly);
    CPPUNIT_TEST(anyChangeIsNamed);
    CPPUNIT_TEST(foreignKeyProvesNothing);
    CPPUNIT_TEST(linksAreRefused);
    CPPUNIT_TEST(scanKeepsGoodPluginsBesideBadOnes);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        char name[] = "/tmp/portico-signature-XXXXXX";
        root_ = mkdtemp(name);
        plugin_ = root_ / "plugins" / "google-contacts";
        fs::create_directories(plugin_ / "text");
        put(plugin_ / "plugin.json", sampleManifest().dump());
        put(plugin_ / "google-contacts.so", "not a library, and never loaded here");
        put(plugin_ / "text" / "en.json", "{}");
    }
    void tearDown() override { fs::remove_all(root_); }

private:
    static void put(const fs::path& path, const std::string& text) { writeFileDurably(path, text, 0644); }
    void sign(const std::string& name) {
        fs::remove(root_ / "key.pem");
        keys_[name] = manifest::generateKey(root_ / "key.pem");
        manifest::signFolder(plugin_, name, root_ / "key.pem");
    }
    manifest::Trust verify(bool developer = false) { return manifest::verifyFolder(plugin_, keys_, developer); }
    void assertModified(const std::string& file) {
        const manifest::Trust trust = verify(true);
        CPPUNIT_ASSERT(trust.state == State::Modified && !trust.may_run);
        CPPUNIT_ASSERT_EQUAL(file, trust.file);
    }

    void signedPluginMayRun() {
        sign("acme");
        const manifest::Manifest loaded = manifest::load(plugin_, keys_, false);
        CPPUNIT_ASSERT(loaded.trust.state == State::Signed && loaded.trust.may_run);
        CPPUNIT_ASSERT_EQUAL(std::string("acme"), loaded.trust.signed_by);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), loaded.trust.files.size());
        CPPUNIT_ASSERT_EQUAL(loaded.hash, loaded.trust.files.at("plugin.json"));
    }
    void privateKeysAreForTheirOwnerAndNeverOverwritten() {
        manifest::generateKey(root_ / "key.pem");
        struct stat facts {};
        CPPUNIT_ASSERT_EQUAL(0, stat((root_ / "key.pem").c_str(), &facts));
        CPPUNIT_ASSERT_EQUAL(0600u, facts.st_mode & 0777u);
        CPPUNIT_ASSERT_THROW(manifest::generateKey(root_ / "key.pem"), Error);
    }
    void builtInIsTheBuildsOwnKey() {
        sign("built-in");
        CPPUNIT_ASSERT(verify().state == State::BuiltIn);
        fs::create_directories(root_ / "keys");
        put(root_ / "keys" / "built-in.pub", keys_.at("built-in"));
        CPPUNIT_ASSERT(manifest::readKeys(root_ / "keys") == keys_);
        put(root_ / "keys" / "broken.pub", "no key");
        CPPUNIT_ASSERT_THROW(manifest::readKeys(root_ / "keys"), Error);
    }
    void unsignedRunsInDeveloperModeOnly() {
        CPPUNIT_ASSERT(verify(false).state == State::Unsigned && !verify(false).may_run);
        CPPUNIT_ASSERT(verify(true).may_run);
    }
    void anyChangeIsNamed() {
        sign("acme");
        put(plugin_ / "google-contacts.so", "another library");
        assertModified("google-contacts.so");
        sign("acme");
        put(plugin_ / "text" / "extra.json", "{}");
        assertModified("text/extra.json");
        sign("acme");
        fs::remove(plugin_ / "text" / "en.json");
        assertModified("text/en.json");
        put(plugin_ / "plugin.sig", "{\"key\":\"acme\"}");
        assertModified("plugin.sig");
        sign("acme");
        std::string signature = readFile(plugin_ / "plugin.sig");
        signature[signature.find("\"signature\":\"") + 13] ^= 1;
        put(plugin_ / "plugin.sig", signature);
        assertModified("plugin.sig");
    }
    void foreignKeyProvesNothing() {
        sign("acme");
        keys_ = {{"other", keys_.at("acme")}};
        assertModified("plugin.sig");
        keys_ = {{"acme", manifest::generateKey(root_ / "other.pem")}};
        assertModified("plugin.sig");
    }
    void linksAreRefused() {
        sign("acme");
        fs::create_symlink("/etc/passwd", plugin_ / "link");
        assertModified("plugin.sig");
        CPPUNIT_ASSERT_THROW(manifest::hashFolder(plugin_), Error);
    }
    void scanKeepsGoodPluginsBesideBadOnes() {
        for (const char* name : {"broken", "twin"}) fs::create_directories(root_ / "plugins" / name);
        put(root_ / "plugins" / "broken" / "plugin.json", "{");
        put(root_ / "plugins" / "twin" / "plugin.json", sampleManifest().dump());
        put(root_ / "plugins" / "twin" / "google-contacts.so", "x");
        const auto found = manifest::scan({root_ / "plugins"}, keys_, true);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), found.size());
        CPPUNIT_ASSERT(!found[0].problem.empty() && found[1].problem.empty());
        CPPUNIT_ASSERT(found[2].problem.find("already taken") != std::string::npos);
        CPPUNIT_ASSERT(manifest::scan({root_ / "nowhere"}, keys_, true).empty());
    }

    fs::path root_, plugin_;
    manifest::TrustedKeys keys_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(SignatureTest);
