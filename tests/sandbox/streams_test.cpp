// SPDX-License-Identifier: Apache-2.0
// Large bodies through a real runner: however much passes, neither side holds more than pieces of it. Measured as the
// most that was ever resident (VmHWM); the bounds are generous and far below what passes.
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "tests/sandbox/live_runners.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;

class StreamsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(StreamsTest);
    CPPUNIT_TEST(aPullOfManyLines);
    CPPUNIT_TEST(aFileOfHundredsOfMegabytes);
    CPPUNIT_TEST(largeAnswersAndResults);
    CPPUNIT_TEST_SUITE_END();

    static constexpr long kServerKib = 64 * 1024, kRunnerKib = 24 * 1024;

    tests::LiveRunners runners_;
    std::unique_ptr<tests::Harness> harness_;
    long before_ = 0;

public:
    void setUp() override {
        harness_ = std::make_unique<tests::Harness>(readFile(CONFORMANCE_PLUGIN));
        harness_->sign();
        harness_->start(runners_);
        harness_->enable();
        harness_->invoke("echo");
        tests::resetPeak();
        before_ = tests::statusKib(0, "VmRSS");
    }
    void tearDown() override { harness_.reset(); }

private:
    void nobodyGrew() {
        const long server = tests::statusKib(0, "VmHWM") - before_;
        const long runner = tests::statusKib(runners_.started().back(), "VmHWM");
        CPPUNIT_ASSERT_MESSAGE("the server took " + std::to_string(server) + " KiB more", server < kServerKib);
        CPPUNIT_ASSERT_MESSAGE("the runner took " + std::to_string(runner) + " KiB", runner > 0 && runner < kRunnerKib);
    }

    void aPullOfManyLines() {
        constexpr int kLines = 100'000;  // of 1 KiB
        int lines = 0;
        harness_->plugins->pull(harness_->id, harness_->scope(Millis(60'000)), "s", "many",
                                std::to_string(kLines) + " 1024", [&](const Json&) { ++lines; });
        CPPUNIT_ASSERT_EQUAL(kLines + 1, lines);
        nobodyGrew();
    }
    void aFileOfHundredsOfMegabytes() {
        constexpr std::int64_t kBytes = 300'000'000;  // more than a plugin may push in one call, which binds no reader
        const auto patient = Millis(60'000);
        const Json id = harness_->invoke("blob_write", Json::object().set("bytes", kBytes), patient);
        CPPUNIT_ASSERT_EQUAL(kBytes, harness_->blobs.finish(harness_->tenant, id.str()).size);
        nobodyGrew();
        CPPUNIT_ASSERT_EQUAL(kBytes,
                             harness_->invoke("blob_read", Json::object().set("id", id.str()), patient).integer());
        nobodyGrew();
    }
    void largeAnswersAndResults() {
        for (int i = 0; i < 4; ++i)
            CPPUNIT_ASSERT_EQUAL(std::int64_t{16 << 20},
                                 harness_->invoke("fetch", Json::object().set("url", "https://big/")).integer());
        CPPUNIT_ASSERT_EQUAL(std::size_t{4'194'000 - 2},
                             harness_->invoke("big", Json::object().set("n", 4'194'000)).str().size());
        try {
            harness_->invoke("big", Json::object().set("n", 4'195'000));
            CPPUNIT_FAIL("a result beyond 4 MiB was taken");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Limit);
        }
        nobodyGrew();
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(StreamsTest);
