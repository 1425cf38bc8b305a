// SPDX-License-Identifier: Apache-2.0
// Updates of a plugin that is in use: nothing is lost, what does not start changes nothing, what is removed ends.
// Here plugins run on threads, so that sanitizers see both sides; tests/sandbox has the same with real runners.
#include <cppunit/extensions/HelperMacros.h>

#include <future>

#include "host/base/error.h"
#include "tests/unit/plugin/harness.h"
#include "tests/unit/plugin/thread_runners.h"

using namespace portico;
using namespace portico::plugin;

class ReloadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ReloadTest);
    CPPUNIT_TEST(noCallIsLostUnderLoad);
    CPPUNIT_TEST(theOldVersionFinishesItsCalls);
    CPPUNIT_TEST(anUpdateThatDoesNotStartChangesNothing);
    CPPUNIT_TEST(theOldVersionRestartsFromItsOwnLibrary);
    CPPUNIT_TEST(theSameSetIsNotTouched);
    CPPUNIT_TEST(whatIsRemovedEndsWithItsCalls);
    CPPUNIT_TEST(whatMayNotRunAnyLongerEnds);
    CPPUNIT_TEST(anUpdateLeavesQuarantine);
    CPPUNIT_TEST(theVaultIsToldFirst);
    CPPUNIT_TEST(aRebuiltUnsignedLibraryIsAnUpdate);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::ThreadRunners> runners_;
    std::unique_ptr<tests::Harness> harness_;

public:
    void setUp() override {
        runners_ = std::make_unique<tests::ThreadRunners>();
        runners_->hello.version.clear();  // the library says it
        harness_ = std::make_unique<tests::Harness>(tests::libraryOf("1.0.0"));
        harness_->sign();
        harness_->start(*runners_);
        harness_->enable();
        harness_->invoke("echo");
    }
    void tearDown() override {
        harness_.reset();
        runners_.reset();
    }

private:
    Plugins& plugins() { return *harness_->plugins; }
    PluginState state() { return plugins().list().at(0); }
    std::string reasonOf(const std::function<void()>& f) {
        try {
            f();
        } catch (const Error& error) {
            return error.reason();
        }
        return "nothing was thrown";
    }
    void waitForRunners(int count) {
        while (runners_->running() != count) std::this_thread::yield();
    }
    // Until it is counted, which is another thread's business: pauses count from then.
    void waitForDeath() {
        while (state().state == "running" || state().problem.empty()) std::this_thread::yield();
    }
    std::future<std::string> slowCall() {
        auto slow = std::async(std::launch::async, [this]() -> std::string {
            try {
                return harness_->invoke("fetch", Json::object().set("url", "https://slow/")).dump();
            } catch (const Error& error) {
                return error.reason();
            }
        });
        while (harness_->vault.waiting == 0) std::this_thread::yield();
        return slow;
    }

    void noCallIsLostUnderLoad() {
        std::atomic<bool> stop{false};
        std::atomic<int> calls{0};
        std::vector<std::future<void>> callers;
        for (int t = 0; t < 4; ++t)
            callers.push_back(std::async(std::launch::async, [&] {
                while (!stop) {
                    harness_->invoke("echo");
                    ++calls;
                }
            }));
        for (int i = 0; i < 20; ++i) {
            const std::string version = i % 2 == 0 ? "2.0.0" : "1.0.0";
            harness_->update(version, tests::libraryOf(version));
            plugins().reload();
            CPPUNIT_ASSERT_EQUAL(version, state().manifest->version);
            for (const int before = calls; calls < before + 10;) std::this_thread::yield();
        }
        stop = true;
        for (auto& caller : callers) CPPUNIT_ASSERT_NO_THROW(caller.get());
        CPPUNIT_ASSERT_EQUAL(21, runners_->started.load());
        waitForRunners(1);
        CPPUNIT_ASSERT_EQUAL(std::string("running"), state().state);
    }
    void theOldVersionFinishesItsCalls() {
        auto slow = slowCall();
        harness_->update("2.0.0", tests::libraryOf("2.0.0"));
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), state().manifest->version);
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
        CPPUNIT_ASSERT_EQUAL(2, runners_->running());
        harness_->vault.release = true;
        CPPUNIT_ASSERT_EQUAL(std::string("4"), slow.get());
        waitForRunners(1);
    }
    void anUpdateThatDoesNotStartChangesNothing() {
        harness_->update("2.0.0", tests::libraryOf("6.6.6"));  // its library says another version than its manifest
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("running"), state().state);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), state().manifest->version);
        CPPUNIT_ASSERT(state().problem.find("2.0.0 does not start, so 1.0.0 goes on") != std::string::npos);
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
        harness_->update("2.0.0", tests::libraryOf("2.0.0"));
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), state().manifest->version);
        CPPUNIT_ASSERT_EQUAL(std::string(), state().problem);
        waitForRunners(1);
    }
    void theOldVersionRestartsFromItsOwnLibrary() {
        harness_->update("2.0.0", tests::libraryOf("6.6.6"));
        plugins().reload();
        runners_->kill(1);
        waitForDeath();
        harness_->clock.advance(std::chrono::seconds(30));
        plugins().start(harness_->id);
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), state().manifest->version);
    }
    void theSameSetIsNotTouched() {
        plugins().reload();
        harness_->sign();  // the same bytes, signed again
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
        const auto* manifest = state().manifest;
        harness_->update("2.0.0", tests::libraryOf("2.0.0"));
        plugins().reload();
        harness_->write("plugin.json", tests::conformanceManifest().dump());
        harness_->write("conformance.so", tests::libraryOf("1.0.0"));
        harness_->sign();
        plugins().reload();
        CPPUNIT_ASSERT(manifest == state().manifest);  // a rollback is the version known before
    }
    void whatIsRemovedEndsWithItsCalls() {
        auto slow = slowCall();
        std::filesystem::remove_all(harness_->folder());
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_stopped"), slow.get());
        CPPUNIT_ASSERT_EQUAL(std::string("no_plugin"), reasonOf([&] { harness_->invoke("echo"); }));
        waitForRunners(0);
    }
    void whatMayNotRunAnyLongerEnds() {
        auto slow = slowCall();
        harness_->write("conformance.so", "changed after it was signed");
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_stopped"), slow.get());
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
        waitForRunners(0);
    }
    void anUpdateLeavesQuarantine() {
        for (int crash = 1; crash <= 5; ++crash) {
            while (reasonOf([&] { harness_->invoke("echo"); }) != "nothing was thrown")
                harness_->clock.advance(std::chrono::seconds(1));  // its rest, from whenever its end was noticed
            runners_->kill(crash);
            waitForDeath();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_quarantined"), reasonOf([&] { harness_->invoke("echo"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("quarantined"), state().state);
        plugins().reload();  // nothing changed, so it stays
        CPPUNIT_ASSERT_EQUAL(std::string("quarantined"), state().state);
        harness_->update("2.0.0", tests::libraryOf("2.0.0"));
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("running"), state().state);
    }
    void theVaultIsToldFirst() {
        const int before = runners_->started;
        int started_when_told = 0;
        harness_->vault.on_reload = [&] { started_when_told = runners_->started; };
        harness_->update("2.0.0", tests::libraryOf("2.0.0"));
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(before, started_when_told);
        CPPUNIT_ASSERT_EQUAL(before + 1, runners_->started.load());
        // A vault that cannot be told leaves everything as it was, and asking again is safe.
        harness_->vault.on_reload = [] { throw Error(Code::Unavailable, "peer_gone", "the vault is away"); };
        harness_->update("1.0.0", tests::libraryOf("1.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("peer_gone"), reasonOf([&] { plugins().reload(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), state().manifest->version);
        harness_->vault.on_reload = {};
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), state().manifest->version);
    }
    void aRebuiltUnsignedLibraryIsAnUpdate() {
        std::filesystem::remove(harness_->folder() / "plugin.sig");
        plugins().reload();
        const int before = runners_->started;
        harness_->write("conformance.so", tests::libraryOf("rebuilt ## version 1.0.0"));
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(before + 1, runners_->started.load());
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(before + 1, runners_->started.load());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReloadTest);
