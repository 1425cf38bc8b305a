// SPDX-License-Identifier: Apache-2.0
// Updates under load with two real versions of a library in real runners; and 1,000 lives of a runner.
#include <cppunit/extensions/HelperMacros.h>
#include <malloc.h>

#include <filesystem>
#include <future>
#include <map>

#include "host/base/error.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"
#include "tests/sandbox/live_runners.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;

class SandboxedReloadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SandboxedReloadTest);
    CPPUNIT_TEST(twentyUpdatesLoseNoCall);
    CPPUNIT_TEST(whatDoesNotLoadDoesNotReplace);
    CPPUNIT_TEST(aThousandLivesLeaveNothingBehind);
    CPPUNIT_TEST_SUITE_END();

    const std::string one_ = readFile(CONFORMANCE_PLUGIN), two_ = readFile(CONFORMANCE_PLUGIN_2);

    static void start(tests::Harness& harness, wire::RunnerSource& runners) {
        harness.sign();
        harness.start(runners);
        harness.enable();
    }

    void twentyUpdatesLoseNoCall() {
        tests::LiveRunners runners;
        tests::Harness harness(one_);
        start(harness, runners);
        harness.invoke("version");
        std::atomic<bool> stop{false};
        std::atomic<int> calls{0};
        std::vector<std::future<std::map<std::string, int>>> callers;
        for (int t = 0; t < 4; ++t)
            callers.push_back(std::async(std::launch::async, [&] {
                std::map<std::string, int> answers;
                for (; !stop; ++calls) ++answers[harness.invoke("version").str()];
                return answers;
            }));
        for (int i = 0; i < 20; ++i) {
            const bool second = i % 2 == 0;
            harness.update(second ? "2.0.0" : "1.0.0", second ? two_ : one_);
            harness.plugins->reload();
            CPPUNIT_ASSERT_EQUAL(std::string(second ? "2.0.0" : "1.0.0"), harness.invoke("version").str());
            for (const int before = calls; calls < before + 20;) std::this_thread::yield();
        }
        stop = true;
        std::map<std::string, int> answers;
        for (auto& caller : callers)
            for (const auto& [version, count] : caller.get()) answers[version] += count;
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, answers.size());
        CPPUNIT_ASSERT(answers["1.0.0"] > 0 && answers["2.0.0"] > 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t{21}, runners.started().size());
        while (runners.alive().size() > 1) std::this_thread::yield();
        CPPUNIT_ASSERT(runners.alive() == std::vector{runners.started().back()});
    }
    void whatDoesNotLoadDoesNotReplace() {
        tests::LiveRunners runners;
        tests::Harness harness(one_);
        start(harness, runners);
        harness.invoke("version");
        harness.update("2.0.0", "this is no library");
        harness.plugins->reload();
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), harness.invoke("version").str());
        CPPUNIT_ASSERT(harness.plugins->list().at(0).problem.find("the library ends within its header") !=
                       std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("running"), harness.plugins->list().at(0).state);
        harness.update("2.0.0", one_);  // another version than its manifest says
        harness.plugins->reload();
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), harness.invoke("version").str());
    }

    static std::size_t entries(const char* folder) {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
    }
    static std::size_t children() {
        std::size_t count = 0;
        for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
            std::ifstream list(task.path() / "children");
            for (std::string pid; list >> pid;) ++count;
        }
        return count;
    }
    // The server's and the supervisor's parts in one process, so that what either leaks shows.
    void aThousandLivesLeaveNothingBehind() {
        constexpr int kWarmUp = 100, kLives = 1000;
        wire::RunnerHost host(PORTICO_RUNNER);
        wire::ServiceServer supervisor(
            [&](wire::ServiceRequest& request, wire::ServicePeer&) { return host.serve(request); }, true);
        auto [ours, theirs] = wire::lanePair();
        CPPUNIT_ASSERT(supervisor.add(std::move(theirs)));
        std::vector<Fd> lanes;
        lanes.push_back(std::move(ours));
        wire::ServiceClient client(std::move(lanes));
        wire::SupervisedRunners source(client);

        tests::Harness harness(one_);
        harness.sign();
        const Registry registry(harness.options);
        const manifest::Manifest& manifest = *registry.find(harness.id).manifest;
        const Fd library = registry.openLibrary(manifest);
        const auto live = [&] {
            Instance instance(manifest, harness.services, source, library, {}, {[](const auto&) {}, [](auto) {}});
            std::string result;
            instance.call(harness.scope(), nullptr, 0, [&](const wire::PluginTables& tables, const portico_call* abi) {
                const portico_sink sink{&result, [](void* self, portico_bytes chunk) -> portico_status {
                                            static_cast<std::string*>(self)->append(wire::view(chunk));
                                            return PORTICO_OK;
                                        }};
                return tables.get<wire::ActionTable>().invoke(nullptr, abi, wire::asStr("version"), {}, sink);
            });
            CPPUNIT_ASSERT_EQUAL(std::string("\"1.0.0\""), result);
        };
        for (int i = 0; i < kWarmUp; ++i) live();
        while (children() > 0) std::this_thread::yield();
        ::malloc_trim(0);
        const std::size_t fds = entries("/proc/self/fd"), threads = entries("/proc/self/task");
        const long memory = tests::statusKib(0, "VmRSS");
        for (int i = 0; i < kLives; ++i) live();
        while (children() > 0) std::this_thread::yield();  // none is left, dead or alive
        ::malloc_trim(0);
        CPPUNIT_ASSERT_EQUAL(fds, entries("/proc/self/fd"));
        CPPUNIT_ASSERT_EQUAL(threads, entries("/proc/self/task"));
        CPPUNIT_ASSERT(tests::statusKib(0, "VmRSS") < memory + 2048);  // 2 KiB a life would show
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SandboxedReloadTest);
