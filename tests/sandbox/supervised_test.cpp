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
        CPPUNIT_ASSERT(source.facts(runner.pid).confined());
        source.kill(runner.pid);
        CPPUNIT_ASSERT(closes(runner.control.get()));
        source.kill(runner.pid);  // an ended one is no error
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
