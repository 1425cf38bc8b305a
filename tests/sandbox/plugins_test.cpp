// SPDX-License-Identifier: Apache-2.0
// The host's plugin room over the real runner in its real sandbox: start, crash, restart, quarantine, stuck calls.
#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <thread>

#include "host/base/error.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;

namespace {

template <class F>
std::string reasonOf(F&& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.reason();
    }
    return "nothing was thrown";
}

}  // namespace

class SandboxedPluginsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SandboxedPluginsTest);
    CPPUNIT_TEST(runsAtFullLevelWithTheRealTables);
    CPPUNIT_TEST(crashesRestAndThenQuarantine);
    CPPUNIT_TEST(aStuckCallEndsTheProcessAndTheNextWorks);
    CPPUNIT_TEST(aCallThatGoesOnAfterDisablingIsKilled);
    CPPUNIT_TEST(threadsShareTheLanes);
    CPPUNIT_TEST(aBrokenLibraryIsRefusedInWords);
    CPPUNIT_TEST_SUITE_END();

    wire::DirectRunners runners_{PORTICO_RUNNER};
    std::unique_ptr<tests::Harness> harness_;

    void start(const std::string& library) {
        harness_ = std::make_unique<tests::Harness>(library);
        harness_->sign();
        harness_->start(runners_);
        harness_->enable();
    }

public:
    void setUp() override { start(readFile(CONFORMANCE_PLUGIN)); }
    void tearDown() override { harness_.reset(); }

private:
    void runsAtFullLevelWithTheRealTables() {
        CPPUNIT_ASSERT_EQUAL(std::string("[0,0,-3,0,-1,0,-1,-3,0,-3,-3]"), harness_->invoke("statuses").dump());
        const PluginState state = harness_->plugins->list().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("running"), state.state);
        CPPUNIT_ASSERT_EQUAL(3, state.sandbox.level);
        CPPUNIT_ASSERT_EQUAL(std::string(), state.sandbox.missing);
    }
    void crashesRestAndThenQuarantine() {
        for (int crash = 1; crash <= 5; ++crash) {
            CPPUNIT_ASSERT_EQUAL(std::string("plugin_ended"), reasonOf([&] { harness_->invoke("crash"); }));
            std::string reason;  // until the watcher has seen it too
            do reason = reasonOf([&] { harness_->invoke("echo"); });
            while (reason == "plugin_ended" || reason == "peer_gone");
            CPPUNIT_ASSERT_EQUAL(std::string(crash < 5 ? "plugin_resting" : "plugin_quarantined"), reason);
            harness_->clock.advance(std::chrono::seconds(30));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("quarantined"), harness_->plugins->list().at(0).state);
        harness_->plugins->start(harness_->id);
        CPPUNIT_ASSERT(harness_->invoke("echo") == Json::object());
    }
    void aStuckCallEndsTheProcessAndTheNextWorks() {
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_ended"),
                             reasonOf([&] { harness_->invoke("hang", Json::object(), Millis(10)); }));
        // The pause counts from when the death was noticed, which is another thread's business.
        for (const Deadline patience = Deadline::in(Millis(10'000)); harness_->plugins->list().at(0).problem.empty();) {
            CPPUNIT_ASSERT_MESSAGE("the death was never noticed", !patience.passed());
            std::this_thread::yield();
        }
        harness_->clock.advance(std::chrono::seconds(30));
        CPPUNIT_ASSERT(harness_->invoke("echo") == Json::object());
    }
    void aCallThatGoesOnAfterDisablingIsKilled() {
        harness_->invoke("echo");
        const std::int64_t start = monotonicNs();
        auto hanging = std::async(std::launch::async, [&] { return reasonOf([&] { harness_->invoke("hang"); }); });
        while (hanging.wait_for(Millis(1)) != std::future_status::ready)
            harness_->plugins->disabled(harness_->tenant, harness_->id);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_ended"), hanging.get());
        CPPUNIT_ASSERT(monotonicNs() - start >= wire::kGraceNs);  // it had its grace, and not the call's 20 seconds
        CPPUNIT_ASSERT(monotonicNs() - start < 15'000'000'000);
    }
    void threadsShareTheLanes() {
        std::vector<std::thread> threads;
        std::atomic<int> wrong{0};
        for (int t = 0; t < 6; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 100; ++i) {
                    const Json sent = Json::object().set("n", t * 1000 + i);
                    if (!(harness_->invoke("echo", sent) == sent)) ++wrong;
                }
            });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
    }
    void aBrokenLibraryIsRefusedInWords() {
        start("this is no library");
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
        CPPUNIT_ASSERT(harness_->plugins->list().at(0).problem.find("the library ends within its header") !=
                       std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SandboxedPluginsTest);
