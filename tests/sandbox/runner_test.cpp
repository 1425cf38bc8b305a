// SPDX-License-Identifier: Apache-2.0
// The real runner over the conformance plugin: all ten tables through both stubs, cancel, crash, limits, refusals.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/sandbox/fake_host.h"
#include "tests/sandbox/runner_client.h"

using namespace portico;
using tests::RunnerClient;

class RunnerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RunnerTest);
    CPPUNIT_TEST(carriesEveryHostFunction);
    CPPUNIT_TEST(carriesEveryPluginFunction);
    CPPUNIT_TEST(carriesTheCallContext);
    CPPUNIT_TEST(hidesTablesThatWereNotAskedFor);
    CPPUNIT_TEST(tellsWhyItFailed);
    CPPUNIT_TEST(cancelReachesARunningCall);
    CPPUNIT_TEST(aHangingCallIsGivenUp);
    CPPUNIT_TEST(aCrashIsUnavailable);
    CPPUNIT_TEST(memoryIsLimited);
    CPPUNIT_TEST(largeOutputStreamsAndCanBeStopped);
    CPPUNIT_TEST(logLinesAndHeartbeatsTravelBesideCalls);
    CPPUNIT_TEST(refusedConfigurationSaysWhy);
    CPPUNIT_TEST(aBrokenLibrarySaysWhy);
    CPPUNIT_TEST(lanesServeInParallel);
    CPPUNIT_TEST_SUITE_END();

    const wire::HostTables host_ = tests::fakeHost();

    static std::unique_ptr<RunnerClient> started(const wire::HostTables* host) {
        auto runner = std::make_unique<RunnerClient>(RunnerClient::Options{.library = CONFORMANCE_PLUGIN});
        const wire::Hello hello = runner->hello();
        CPPUNIT_ASSERT_EQUAL(std::string(), hello.problem);
        CPPUNIT_ASSERT_EQUAL(std::string("conformance"), hello.plugin);
        CPPUNIT_ASSERT_EQUAL(std::string(wire::buildId()), hello.build);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, runner->create(host));
        return runner;
    }

    void carriesEveryHostFunction() {
        auto runner = started(&host_);
        std::string result;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, runner->invoke("everything", "", result));
        CPPUNIT_ASSERT_EQUAL(std::string("settings.get=0:{\"s\":1}\n"
                                         "http.fetch=0:{\"status\":200}|{\"url\":\"https://x/\"}body\n"
                                         "store.get=0:7|key!\n"
                                         "store.scan=0:kka7\n"
                                         "store.write=-4:conflict|refused 16 bytes|250\n"
                                         "record.query=0:{\"kind\":\"contact\"}\n"
                                         "record.write=0:3\n"
                                         "blob.stat=0:stat b1\n"
                                         "blob.create=0:new{}\n"
                                         "blob.read=0:b1@5+1099511627776\n"
                                         "blob.write=0:\n"),
                             result);
    }
    void carriesEveryPluginFunction() {
        auto runner = started(&host_);
        std::string out;
        const auto run = [&](auto&& f) {
            out.clear();
            return runner->call([&](const portico_call* call) { return f(call, RunnerClient::into(out)); });
        };
        const auto s = [](std::string_view text) { return wire::asStr(text); };
        const auto b = [](std::string_view text) { return wire::asBytes(text); };
        const auto& sync = runner->tables.get<wire::SyncTable>();
        CPPUNIT_ASSERT_EQUAL(0, run([&](auto c, auto o) { return sync.collections(nullptr, c, s("people"), o); }));
        CPPUNIT_ASSERT(out.find("\"name\":\"people\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(
            0, run([&](auto c, auto o) { return sync.pull(nullptr, c, s("people"), s("mine"), s("cur"), o); }));
        CPPUNIT_ASSERT(out.find("people/mine/cur") < out.find("\"op\":\"done\""));
        CPPUNIT_ASSERT_EQUAL(
            0, run([&](auto c, auto o) { return sync.prepare(nullptr, c, s("p"), s("m"), b("{1}\n"), o); }));
        CPPUNIT_ASSERT_EQUAL(std::string("{1}\n"), out);
        CPPUNIT_ASSERT_EQUAL(0,
                             run([&](auto c, auto o) { return sync.push(nullptr, c, s("p"), s("m"), b("{2}\n"), o); }));
        CPPUNIT_ASSERT_EQUAL(std::string("{2}\n"), out);
        CPPUNIT_ASSERT_EQUAL(0,
                             run([&](auto c, auto o) { return sync.read(nullptr, c, s("p"), s("m"), b("{3}\n"), o); }));
        CPPUNIT_ASSERT_EQUAL(std::string("{3}\n"), out);
        CPPUNIT_ASSERT_EQUAL(0, run([&](auto c, auto o) {
                                 return runner->tables.get<wire::EventTable>().consume(nullptr, c, b("12345"), o);
                             }));
        CPPUNIT_ASSERT_EQUAL(std::string("5"), out);
        const auto& availability = runner->tables.get<wire::AvailabilityTable>();
        CPPUNIT_ASSERT_EQUAL(
            0, run([&](auto c, auto o) { return availability.busy(nullptr, c, s("[]"), s("from"), s("to"), o); }));
        CPPUNIT_ASSERT(out.find("from to") != std::string::npos);
        const auto& webhook = runner->tables.get<wire::WebhookTable>();
        CPPUNIT_ASSERT_EQUAL(0, run([&](auto c, auto o) { return webhook.watch(nullptr, c, s("w"), o); }));
        CPPUNIT_ASSERT_EQUAL(0, run([&](auto c, auto) { return webhook.unwatch(nullptr, c, s("w")); }));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             run([&](auto c, auto) { return webhook.unwatch(nullptr, c, s("v")); }));
        CPPUNIT_ASSERT(webhook.receive == nullptr);  // the plugin's table was shorter: an older minor
        CPPUNIT_ASSERT(runner->tables.find(PORTICO_WEBHOOK_1) != nullptr);
    }
    void carriesTheCallContext() {
        auto runner = started(nullptr);
        wire::AbiCall::Context context{.id = 4711,
                                       .now_ms = 1'700'000'000'000,
                                       .settings_revision = 8,
                                       .tenant = "t1",
                                       .actor = "u2",
                                       .connection = "c3"};
        std::fill(std::begin(context.trace_id), std::end(context.trace_id), 'z');
        std::string result;
        runner->invoke("context", "", result, 0, context);
        CPPUNIT_ASSERT_EQUAL(std::string("\"t1,u2,c3,4711,1700000000000,8,7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a\""), result);
    }
    void hidesTablesThatWereNotAskedFor() {
        auto runner = started(nullptr);
        std::string result;
        runner->invoke("missing", "", result);
        CPPUNIT_ASSERT_EQUAL(std::string("null"), result);
    }
    void tellsWhyItFailed() {
        auto runner = started(nullptr);
        std::string result;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, runner->invoke("fail", "", result));
        CPPUNIT_ASSERT_EQUAL(std::string("asked to fail"), runner->failure.text);
        CPPUNIT_ASSERT_EQUAL(std::string("conformance"), runner->failure.code);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1500}, runner->failure.retry_after_ms);
    }
    void cancelReachesARunningCall() {
        auto runner = started(nullptr);
        std::string result;
        wire::AbiCall::Context context{
            .deadline_ns = wire::nowNs() + 30'000'000, .tenant = {}, .actor = {}, .connection = {}};
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, runner->invoke("wait", "", result, 0, context));
        CPPUNIT_ASSERT_EQUAL(std::string("stopped when told"), runner->failure.text);
        CPPUNIT_ASSERT_EQUAL(0, runner->invoke("echo", "still here", result));
    }
    void aHangingCallIsGivenUp() {
        auto runner = started(nullptr);
        std::string result;
        wire::AbiCall::Context context{
            .deadline_ns = wire::nowNs() + 10'000'000, .tenant = {}, .actor = {}, .connection = {}};
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DEADLINE}, runner->invoke("hang", "", result, 0, context));
        CPPUNIT_ASSERT_EQUAL(std::string("peer_stuck"), runner->failure.code);
        CPPUNIT_ASSERT_EQUAL(0, runner->invoke("echo", "other lane", result, 1));
    }
    void aCrashIsUnavailable() {
        auto runner = started(nullptr);
        std::string result;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_UNAVAILABLE}, runner->invoke("crash", "", result));
        CPPUNIT_ASSERT_EQUAL(std::string("peer_gone"), runner->failure.code);
        wire::Frame frame;
        CPPUNIT_ASSERT(runner->control().receive(frame, 5000) == wire::ControlLane::Got::Closed);
    }
    void memoryIsLimited() {
        RunnerClient runner({.library = CONFORMANCE_PLUGIN, .memory_mib = 64});
        runner.hello();
        runner.create();
        std::string result;
        CPPUNIT_ASSERT_EQUAL(0, runner.invoke("echo", "fits", result));
        CPPUNIT_ASSERT(runner.invoke("allocate", "134217728", result) != PORTICO_OK);
    }
    void largeOutputStreamsAndCanBeStopped() {
        auto runner = started(nullptr);
        std::string result;
        CPPUNIT_ASSERT_EQUAL(0, runner->invoke("big", "5000000", result));
        CPPUNIT_ASSERT_EQUAL(std::size_t{5'000'000}, result.size());
        const portico_sink refuses{nullptr, [](void*, portico_bytes) -> portico_status { return PORTICO_E_LIMIT; }};
        const portico_status status = runner->call([&](const portico_call* call) {
            return runner->tables.get<wire::ActionTable>().invoke(nullptr, call, wire::asStr("big"),
                                                                  wire::asStr("90000000"), refuses);
        });
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, status);
        CPPUNIT_ASSERT_EQUAL(std::string("stopped"), runner->failure.code);
    }
    void logLinesAndHeartbeatsTravelBesideCalls() {
        auto runner = started(nullptr);
        std::string result;
        runner->invoke("log", "{\"n\":1}", result);
        wire::Frame frame;
        CPPUNIT_ASSERT(runner->control().receive(frame, 5000) == wire::ControlLane::Got::Frame);
        CPPUNIT_ASSERT(frame.kind == wire::Kind::Log);
        const auto line = wire::decodeLog(frame.body);
        CPPUNIT_ASSERT(line && line->event == "conformance.log" && line->fields == "{\"n\":1}");
        CPPUNIT_ASSERT(runner->control().send(wire::Kind::Ping, 42));
        CPPUNIT_ASSERT(runner->control().receive(frame, 5000) == wire::ControlLane::Got::Frame);
        CPPUNIT_ASSERT(frame.kind == wire::Kind::Pong && frame.number == 42);
        CPPUNIT_ASSERT(runner->control().send(wire::Kind::Shutdown));
        CPPUNIT_ASSERT(runner->control().receive(frame, 5000) == wire::ControlLane::Got::Closed);
    }
    void refusedConfigurationSaysWhy() {
        RunnerClient runner({.library = CONFORMANCE_PLUGIN});
        runner.hello();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_INVALID}, runner.create(nullptr, "{\"refuse\":true}"));
        CPPUNIT_ASSERT_EQUAL(std::string("the configuration says refuse"), runner.failure.text);
    }
    void aBrokenLibrarySaysWhy() {
        RunnerClient runner({.library = "/etc/hostname"});
        CPPUNIT_ASSERT(runner.hello().problem.find("does not load") != std::string::npos);
    }
    void lanesServeInParallel() {
        auto runner = started(nullptr);
        std::thread waiting([&] {
            std::string result;
            wire::AbiCall call(
                {.id = 77, .deadline_ns = wire::nowNs() + 200'000'000, .tenant = {}, .actor = {}, .connection = {}},
                &runner->lane(1), nullptr);
            runner->tables.get<wire::ActionTable>().invoke(nullptr, call.abi(), wire::asStr("wait"), {},
                                                           RunnerClient::into(result));
        });
        std::string result;
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL(0, runner->invoke("echo", "x", result, 0));
        waiting.join();
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RunnerTest);
