// SPDX-License-Identifier: Apache-2.0
// This tree's whole host (registry, runner, real store) and plugins of the next minor: what is loaded, what is refused
// and in which words.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/unit/plugin/harness.h"

using namespace portico;

class OldHostTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OldHostTest);
    CPPUNIT_TEST(aNewerPluginThatIsContentWithThisHostRuns);
    CPPUNIT_TEST(aNewerPluginThatIsNotIsRefusedBeforeCreate);
    CPPUNIT_TEST(aManifestThatNeedsMoreIsRefusedBeforeItsLibraryIsRead);
    CPPUNIT_TEST_SUITE_END();

    wire::DirectRunners runners_{PORTICO_RUNNER};
    std::unique_ptr<tests::Harness> harness_;
    const std::string needs_ = "needs host ABI 1." + std::to_string(PORTICO_ABI_MINOR + 1) + ", this is 1." +
                               std::to_string(PORTICO_ABI_MINOR);

    // minor: what the manifest says it needs.
    void start(const char* library, int minor = 0) {
        harness_ = std::make_unique<tests::Harness>(readFile(library));
        Json manifest = Json::parse(R"({
          "id": "skew", "version": "1.0.0", "name": "Skew", "description": "Keeps texts.", "vendor": "Portico",
          "license": "Apache-2.0", "library": "conformance.so",
          "requires": {"host": ["portico.store/1"]}, "provides": ["portico.action/1"],
          "actions": [{"name": "put", "title": "Put", "role": "staff"}, {"name": "get", "title": "Get", "role": "staff"},
                      {"name": "remove", "title": "Remove", "role": "staff"},
                      {"name": "forget", "title": "Forget", "role": "staff"}]})");
        manifest.set("abi", Json::object().set("major", 1).set("minor", minor));
        harness_->write("plugin.json", manifest.dump());
        harness_->sign();
        harness_->start(runners_);
    }
    Json invoke(const std::string& action) {
        return harness_->plugins->invoke(kId, harness_->scope(), action, Json::object());
    }
    std::string failureOf(const std::string& action) {
        try {
            invoke(action);
        } catch (const Error& error) {
            return std::string(codeName(error.code())) + ": " + error.what();
        }
        return "it worked";
    }
    void enable() {
        const CallContext context = CallContext::system(harness_->tenant, "test");
        harness_->database.write(harness_->tenant, [&](storage::Tx& tx) {
            plugin::setEnabled(tx, context, harness_->registry->find(kId).manifest[0], true, harness_->clock.now());
        });
    }
    static inline const PluginId kId{"skew"};

    void aNewerPluginThatIsContentWithThisHostRuns() {
        start(SKEW_NEXT);
        enable();
        invoke("put");
        CPPUNIT_ASSERT_EQUAL(std::string("\"kept\""), invoke("get").dump());
        const std::string failure = failureOf("remove");
        CPPUNIT_ASSERT_MESSAGE(failure, failure.find("portico.store/1 remove needs a newer host") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("\"old\""), invoke("forget").dump());
        CPPUNIT_ASSERT_EQUAL(std::string("\"\""), invoke("get").dump());
    }
    void aNewerPluginThatIsNotIsRefusedBeforeCreate() {
        start(SKEW_NEXT_REQUIRED);
        enable();
        const std::string failure = failureOf("put");
        CPPUNIT_ASSERT_MESSAGE(failure, failure.find(needs_) != std::string::npos);
    }
    void aManifestThatNeedsMoreIsRefusedBeforeItsLibraryIsRead() {
        start(SKEW_NEXT, PORTICO_ABI_MINOR + 1);
        const std::string problem = harness_->registry->find(kId).problem;
        CPPUNIT_ASSERT_MESSAGE(problem, problem.find(needs_) != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OldHostTest);
