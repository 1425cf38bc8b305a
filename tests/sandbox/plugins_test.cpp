// SPDX-License-Identifier: Apache-2.0
// The host's plugin room over the real runner in its real sandbox: start, crash, restart, quarantine, stuck calls.
#include <cppunit/extensions/HelperMacros.h>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "host/base/error.h"
#include "host/wire/lane_pool.h"
#include "host/wire/spawn.h"
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
        // It rests first, counted from when its end was noticed, which is another thread's business.
        while (reasonOf([&] { harness_->invoke("echo"); }) == "plugin_resting")
            harness_->clock.advance(std::chrono::seconds(1));
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

// S15: what was verified is what runs. S17: what a plugin may use up, and that others do not feel it.
class LimitsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LimitsTest);
    CPPUNIT_TEST(S15_aSwappedLibraryDoesNotLoad);
    CPPUNIT_TEST(S15_theMemoryFileCannotBeChanged);
    CPPUNIT_TEST(S17_memory);
    CPPUNIT_TEST(S17_processesThreadsAndDescriptors);
    CPPUNIT_TEST(S17_theProcessor);
    CPPUNIT_TEST(S17_aShareOfTheProcessor);
    CPPUNIT_TEST(S17_logLines);
    CPPUNIT_TEST(S17_callsPerSecond);
    CPPUNIT_TEST(S17_callersAtATime);
    CPPUNIT_TEST(S17_aBusyTenantDoesNotStarveAnother);
    CPPUNIT_TEST(S17_hostFunctionsInALoop);
    CPPUNIT_TEST(S17_theStore);
    CPPUNIT_TEST(S17_resultBytes);
    CPPUNIT_TEST(S17_aStoppedProcessIsNoticed);
    CPPUNIT_TEST_SUITE_END();

    wire::DirectRunners runners_{PORTICO_RUNNER};
    std::unique_ptr<tests::Harness> harness_;

    void start(Instance::Options options = {}) {
        harness_ = std::make_unique<tests::Harness>(readFile(CONFORMANCE_PLUGIN));
        harness_->sign();
        harness_->start(runners_, options);
        harness_->enable();
    }
    PluginState state() { return harness_->plugins->list().at(0); }
    Json invoke(const std::string& action, Json arguments = Json::object(), Millis time = Millis(20'000)) {
        return harness_->invoke(action, std::move(arguments), time);
    }
    template <class F>
    static void eventually(const char* what, F&& holds) {
        for (const Deadline patience = Deadline::in(Millis(20'000)); !holds(); std::this_thread::yield())
            CPPUNIT_ASSERT_MESSAGE(what, !patience.passed());
    }

public:
    void tearDown() override { harness_.reset(); }

private:
    void S15_aSwappedLibraryDoesNotLoad() {
        start();
        harness_->write("conformance.so", readFile(ESCAPE_PROBE));  // after the registry verified the folder
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { invoke("echo"); }));
        CPPUNIT_ASSERT_MESSAGE(state().problem,
                               state().problem.find("not the one that was signed") != std::string::npos);
    }
    void S15_theMemoryFileCannotBeChanged() {
        const Fd sealed = wire::sealedCopy("bytes", "library");
        CPPUNIT_ASSERT(::write(sealed.get(), "x", 1) < 0 && ::ftruncate(sealed.get(), 0) < 0);
    }
    void S17_memory() {
        start();
        const std::string reason = reasonOf([&] { invoke("allocate", Json::object().set("bytes", 1 << 30)); });
        CPPUNIT_ASSERT_MESSAGE(reason, reason == "memory" || reason == "plugin_ended");
    }
    void S17_processesThreadsAndDescriptors() {
        start();
        CPPUNIT_ASSERT_EQUAL(std::string("{\"threads\":0,\"descriptors\":0}"), invoke("exhaust").dump());
    }
    // Every thread of a runner starts behind the server, and can be put last. When that happens: Processor (unit
    // tests).
    void S17_theProcessor() {
        start();
        const auto pid = static_cast<pid_t>(std::stoi(invoke("pid").dump()));
        CPPUNIT_ASSERT_EQUAL(std::string("10 10 10 10 10 "), niceness(pid));  // main and four lanes
        runners_.demote(pid, true);
        CPPUNIT_ASSERT_EQUAL(std::string("19 19 19 19 19 "), niceness(pid));
        CPPUNIT_ASSERT(invoke("echo") == Json::object());
        if (::geteuid() != 0) return;  // an ordinary user cannot take it back
        runners_.demote(pid, false);
        CPPUNIT_ASSERT_EQUAL(std::string("10 10 10 10 10 "), niceness(pid));
        CPPUNIT_ASSERT(processorTime(pid).value() > 0 && !processorTime(-1));
    }
    // What it computed, its start included, is paid back before it is called again.
    void S17_aShareOfTheProcessor() {
        auto options = tests::Harness::unhurried();
        options.heartbeat = Millis(20);
        options.calls->processors = 1e-6;
        start(options);
        eventually("it may compute for ever", [&] { return reasonOf([&] { invoke("echo"); }) == "plugin_processor"; });
        CPPUNIT_ASSERT_MESSAGE(state().problem, state().problem.find("more than its share") != std::string::npos);
        harness_->clock.advance(std::chrono::hours(24));
        CPPUNIT_ASSERT_NO_THROW(invoke("echo"));
    }
    static std::string niceness(pid_t pid) {
        std::string all;
        for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task"))
            all += std::to_string(::getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(thread.path().filename())))) +
                   " ";
        return all;
    }
    void S17_logLines() {
        start();
        invoke("flood");
        CPPUNIT_ASSERT(invoke("echo") == Json::object());  // the runner dropped most of them: nobody is ended for it
        CPPUNIT_ASSERT_EQUAL(std::string("running"), state().state);
    }
    void S17_callsPerSecond() {
        start();
        for (int i = 0; i < 600; ++i) invoke("echo");  // what a manifest allows that says nothing of it
        try {
            invoke("echo");
            CPPUNIT_FAIL("the rate is not limited");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("plugin_rate"), error.reason());
            CPPUNIT_ASSERT(error.code() == Code::Limit);
            CPPUNIT_ASSERT_EQUAL(std::int64_t{100}, error.retryAfterMs());
        }
        harness_->clock.advance(Millis(100));
        CPPUNIT_ASSERT_NO_THROW(invoke("echo"));
    }
    void S17_callersAtATime() {
        start();
        std::atomic<bool> seen{false};
        {
            std::vector<std::future<void>> waiting;  // which wait at the end of the scope
            for (int i = 0; i < 16; ++i)             // four lanes, four callers for each
                waiting.push_back(std::async(std::launch::async, [&] {
                    while (!seen) reasonOf([&] { invoke("wait", Json::object(), Millis(1'500)); });
                }));
            try {
                eventually("a seventeenth is let in", [&] {
                    harness_->clock.advance(Millis(10));  // so that the rate is not what refuses it
                    return reasonOf([&] { invoke("echo", Json::object(), Millis(1)); }) == "plugin_busy";
                });
            } catch (...) {
                seen = true;
                throw;
            }
            seen = true;
        }
        CPPUNIT_ASSERT_NO_THROW(invoke("echo"));
    }
    // One tenant has calls waiting for every lane; another's call is the next to get one.
    void S17_aBusyTenantDoesNotStarveAnother() {
        wire::Pair pairs[2] = {wire::makePair(), wire::makePair()};
        std::vector<Fd> lanes;
        for (const wire::Pair& pair : pairs) lanes.emplace_back(pair.ours);
        wire::LanePool pool(std::move(lanes));
        std::vector<wire::LanePool::Lease> held;
        for (int i = 0; i < 2; ++i) held.push_back(pool.acquire(Deadline::in(Millis(1'000)), {}, "busy"));
        std::mutex mutex;
        std::string order;
        std::atomic<int> queued{0};
        std::vector<std::thread> threads;
        const auto come = [&](const char* tenant) {
            threads.emplace_back([&, tenant] {
                ++queued;
                const auto lease = pool.acquire(Deadline::in(Millis(10'000)), {}, tenant);
                const std::lock_guard lock(mutex);
                order += tenant[0];
            });
            eventually("it does not wait", [&, wanted = static_cast<std::size_t>(queued)] {
                return pool.waiting() >= wanted && pool.waiting() == threads.size();
            });
        };
        for (const char* tenant : {"busy", "busy", "busy", "quiet"}) come(tenant);
        held.pop_back();
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(std::string("qbbb"), order);
        for (const wire::Pair& pair : pairs) ::close(pair.theirs);
    }
    // 3,000 durable writes are asked for at once; the pace lets 200 a second through once the first 1,000 are done.
    void S17_hostFunctionsInALoop() {
        start();
        const Json told = invoke("write_loop", Json::object().set("seconds", 3), Millis(15'000));
        CPPUNIT_ASSERT_MESSAGE(told.dump(), told.integer("writes") <= 1000 + 5 * 200);
        CPPUNIT_ASSERT_MESSAGE(told.dump(), told.integer("writes") > 10);
    }
    void S17_theStore() {
        start();
        harness_->database.write(harness_->tenant, [](storage::Tx& tx) {
            tx.exec(
                "INSERT INTO plugin_store_usage (tenant_id, plugin, bytes) VALUES (:tenant, 'conformance', ?1)"
                " ON CONFLICT (tenant_id, plugin) DO UPDATE SET bytes = ?1",
                std::int64_t{(1LL << 30) - 500});
        });
        // Keys count too: an empty value under a long key is no way around the limit.
        CPPUNIT_ASSERT_EQUAL(std::string("store_quota"),
                             reasonOf([&] { invoke("put_key", Json::object().set("bytes", 500)); }));
        CPPUNIT_ASSERT_NO_THROW(invoke("put_key", Json::object().set("bytes", 10)));
    }
    void S17_resultBytes() {
        start();
        CPPUNIT_ASSERT_EQUAL(std::string("stopped"),
                             reasonOf([&] { invoke("big", Json::object().set("bytes", 5'000'000)); }));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_output"), reasonOf([&] {
                                 harness_->plugins->collections(harness_->id, harness_->scope(), "endless");
                             }));
        CPPUNIT_ASSERT_NO_THROW(invoke("echo"));
    }
    void S17_aStoppedProcessIsNoticed() {
        start({.heartbeat = Millis(20), .silent = Millis(300)});
        invoke("echo");
        CPPUNIT_ASSERT(::kill(std::stoi(invoke("pid").dump()), SIGSTOP) == 0);
        eventually("nobody missed its heartbeat", [&] { return state().state == "stopped"; });
        CPPUNIT_ASSERT_MESSAGE(state().problem, state().problem.find("no sign of life") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LimitsTest);
