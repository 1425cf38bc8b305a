// SPDX-License-Identifier: Apache-2.0
// Runners started through the supervisor's protocol: what the kernel says about them, and that they end.
#include <cppunit/extensions/HelperMacros.h>
#include <signal.h>

#include "host/base/error.h"
#include "host/wire/core/control.h"
#include "host/wire/runners.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"

using namespace portico;
using namespace portico::wire;

class SupervisedTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SupervisedTest);
    CPPUNIT_TEST(startsLooksAtAndEndsARunner);
    CPPUNIT_TEST(whatContradictsASandboxIsNamed);
    CPPUNIT_TEST(runnersEndWithTheirHost);
    CPPUNIT_TEST(foreignProcessesAreLeftAlone);
    CPPUNIT_TEST_SUITE_END();

    struct Supervisor {
        Supervisor()
            : host(PORTICO_RUNNER),
              server([this](ServiceRequest& request, ServicePeer&) { return host.serve(request); }, true) {
            auto [ours, theirs] = lanePair();
            CPPUNIT_ASSERT(server.add(std::move(theirs)));
            std::vector<Fd> lanes;
            lanes.push_back(std::move(ours));
            client = std::make_unique<ServiceClient>(std::move(lanes));
        }
        RunnerHost host;
        ServiceServer server;
        std::unique_ptr<ServiceClient> client;
    };

    static Runner start(RunnerSource& source) {
        const Fd library = sealedCopy(readFile(CONFORMANCE_PLUGIN), "conformance");
        return source.start({PluginId("conformance"), 2, 128, 3, library.get()});
    }
    static bool closes(int fd) {
        ControlLane control(::dup(fd));
        Frame frame;
        for (;;) {
            const auto got = control.receive(frame, 10'000);
            if (got != ControlLane::Got::Frame) return got == ControlLane::Got::Closed;
        }
    }

    void startsLooksAtAndEndsARunner() {
        Supervisor supervisor;
        SupervisedRunners source(*supervisor.client);
        Runner runner = start(source);
        {
            ControlLane control(::dup(runner.control.get()));
            Frame frame;
            CPPUNIT_ASSERT(control.receive(frame, 10'000) == ControlLane::Got::Frame);
            CPPUNIT_ASSERT(frame.kind == Kind::Hello);
            CPPUNIT_ASSERT_EQUAL(3, decodeHello(frame.body)->level);
        }
        const RunnerFacts facts = source.facts(runner.pid);
        CPPUNIT_ASSERT_EQUAL(std::string(), facts.contradiction(3, 2));
        CPPUNIT_ASSERT_EQUAL(3, facts.threads);  // main and two lanes
        CPPUNIT_ASSERT_EQUAL(2, facts.filters);
        if (::geteuid() == 0) CPPUNIT_ASSERT(facts.descriptors == (std::vector<int>{0, 1, 2, 3, 5, 6}));
        source.kill(runner.pid);
        CPPUNIT_ASSERT(closes(runner.control.get()));
        source.kill(runner.pid);  // an ended one is no error
    }
    void whatContradictsASandboxIsNamed() {
        RunnerFacts facts{true, 2, 2, "0000", 65534, 3, {}, {0, 1, 2, 3, 5, 6}};
        CPPUNIT_ASSERT_EQUAL(std::string(), facts.contradiction(3, 2));
        const auto with = [&](auto&& change) {
            RunnerFacts other = facts;
            change(other);
            return other.contradiction(3, 2);
        };
        CPPUNIT_ASSERT(with([](auto& f) { f.no_new_privs = false; }).find("privileges") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.seccomp = 0; }).find("not filtered") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.filters = 1; }).find("not filtered") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.capabilities = "0001"; }).find("capabilities") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.threads = 4; }).find("4 threads") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.shared = {"net"}; }).find("net namespace") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.descriptors = {0, 4}; }).find("descriptor 4") != std::string::npos);
        CPPUNIT_ASSERT(with([](auto& f) { f.descriptors = {7}; }).find("descriptor 7") != std::string::npos);
        facts.shared = {"net"};
        CPPUNIT_ASSERT_EQUAL(std::string(), facts.contradiction(2, 2));  // which does not promise namespaces
    }
    void runnersEndWithTheirHost() {
        Runner runner;
        {
            DirectRunners source(PORTICO_RUNNER);
            runner = start(source);
        }
        CPPUNIT_ASSERT(closes(runner.control.get()));
        CPPUNIT_ASSERT(::kill(runner.pid, 0) != 0);  // reaped, too
    }
    void foreignProcessesAreLeftAlone() {
        DirectRunners source(PORTICO_RUNNER);
        source.kill(::getpid());
        CPPUNIT_ASSERT_THROW(source.facts(::getpid()), Error);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SupervisedTest);
