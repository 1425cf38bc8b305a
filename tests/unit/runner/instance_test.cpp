// SPDX-License-Identifier: Apache-2.0
// The runner's inside without its sandbox: an Instance over a plugin that is linked into this program, its lane served
// by a thread, so that sanitizers see both sides of the marshalling.
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "host/runner/filter.h"
#include "host/runner/instance.h"

using namespace portico;
using namespace portico::runner;

class InstanceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(InstanceTest);
    CPPUNIT_TEST(aFileThatIsNoLibraryIsRefusedInWords);
    CPPUNIT_TEST(aLibraryWithoutTheEntryIsRefusedInWords);
    CPPUNIT_TEST(nothingIsServedBeforeCreate);
    CPPUNIT_TEST(aFailingCreateExplainsItself);
    CPPUNIT_TEST(bothFiltersCanBeBuilt);
    CPPUNIT_TEST_SUITE_END();

    static std::string problemOf(const char* file) {
        const wire::Pair pair = wire::makePair();
        wire::ControlLane control(pair.ours);
        Instance instance(control);
        const int fd = ::open(file, O_RDONLY | O_CLOEXEC);
        CPPUNIT_ASSERT(fd >= 0);
        std::string problem;
        try {
            instance.load(fd);
        } catch (const Error& error) {
            problem = error.what();
        }
        ::close(fd);
        ::close(pair.theirs);
        return problem;
    }
    void aFileThatIsNoLibraryIsRefusedInWords() {
        CPPUNIT_ASSERT(problemOf("/etc/hostname").find("does not load") != std::string::npos);
    }
    void aLibraryWithoutTheEntryIsRefusedInWords() {
        CPPUNIT_ASSERT(problemOf("/lib/x86_64-linux-gnu/libm.so.6").find("portico_plugin_entry_1") !=
                       std::string::npos);
    }
    void nothingIsServedBeforeCreate() {
        const wire::Pair control_pair = wire::makePair(), pair = wire::makePair();
        wire::ControlLane control(control_pair.ours);
        Instance instance(control);
        LaneServer server(instance);
        std::thread thread([&] { wire::Lane(pair.theirs).serve(server); });
        {
            wire::Lane lane(pair.ours);
            wire::AbiCall call({.id = 1, .tenant = {}, .actor = {}, .connection = {}}, &lane, nullptr);
            wire::PluginTables tables;
            tables.fillStubs({~0u, ~0u, ~0u, ~0u, ~0u});
            CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_UNAVAILABLE},
                                 tables.get<wire::EventTable>().consume(nullptr, call.abi(), {}, {}));
            wire::Failure failure;
            CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CONFLICT}, (lane.call({.method = wire::kCreate}, failure)));
            CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_UNAVAILABLE}, (lane.call({.method = 0x0801}, failure)));
        }
        thread.join();
        ::close(control_pair.theirs);
    }
    void aFailingCreateExplainsItself() {
        static const portico_entry kEntry{
            sizeof kEntry, 0, 0, {}, {}, [](const portico_host*, const portico_call* call, portico_plugin**) {
                call->fail(call, wire::asStr("no_licence"), wire::asStr("the licence has ended"), 60'000);
                return portico_status{PORTICO_E_DENIED};
            }};
        const wire::Pair control_pair = wire::makePair(), pair = wire::makePair();
        wire::ControlLane control(control_pair.ours);
        Instance instance(control);
        instance.use(&kEntry);
        LaneServer server(instance);
        std::thread thread([&] { wire::Lane(pair.theirs).serve(server); });
        {
            wire::Lane lane(pair.ours);
            wire::AbiCall call({.id = 1, .tenant = {}, .actor = {}, .connection = {}}, &lane, nullptr);
            std::string payload;
            wire::Writer out(payload);
            call.encode(out);
            out.integer<std::uint32_t>(0);
            CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DENIED}, wire::callPeer(call, wire::kCreate, payload, {}, true));
            CPPUNIT_ASSERT_EQUAL(std::string("no_licence"), call.failed().code);
            CPPUNIT_ASSERT_EQUAL(std::string("the licence has ended"), call.failed().text);
            CPPUNIT_ASSERT_EQUAL(std::int64_t{60'000}, call.failed().retry_after_ms);
        }
        thread.join();
        ::close(control_pair.theirs);
    }
    void bothFiltersCanBeBuilt() {
        CPPUNIT_ASSERT_NO_THROW(Filter(Filter::Stage::Loading));
        CPPUNIT_ASSERT_NO_THROW(Filter(Filter::Stage::Running));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(InstanceTest);
