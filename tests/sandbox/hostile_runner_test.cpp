// SPDX-License-Identifier: Apache-2.0
// S16: a runner that breaks every rule of the wire protocol. The host lives, the caller is told Unavailable and why,
// and another plugin, in the real sandbox, goes on meanwhile.
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "tests/sandbox/scripted_runner.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using tests::Peer;
using wire::Frame;
using wire::Kind;

class HostileRunnerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HostileRunnerTest);
    CPPUNIT_TEST(packetsThatAreNoFrames);
    CPPUNIT_TEST(framesThatDoNotBelong);
    CPPUNIT_TEST(messagesWhosePartsDoNotFit);
    CPPUNIT_TEST(repliesThatCannotBeRead);
    CPPUNIT_TEST(unknownMethodsAndArgumentsAreRefusedAndTheCallGoesOn);
    CPPUNIT_TEST(aFloodOfRequestsThatNeverReadsTheAnswers);
    CPPUNIT_TEST(oneThatReadsNothing);
    CPPUNIT_TEST(aFloodOfLogLines);
    CPPUNIT_TEST(garbageOnTheControlLane);
    CPPUNIT_TEST(helloOfAnother);
    CPPUNIT_TEST(noSignOfLife);
    CPPUNIT_TEST(outputWithoutEnd);
    CPPUNIT_TEST(aProbeThatGetsOutStopsEveryPlugin);
    CPPUNIT_TEST_SUITE_END();

    static wire::DirectRunners& realRunners() {
        static wire::DirectRunners runners(PORTICO_RUNNER);
        return runners;
    }
    std::unique_ptr<tests::Harness> other_;  // a plugin that behaves

public:
    void setUp() override {
        other_ = std::make_unique<tests::Harness>(readFile(CONFORMANCE_PLUGIN));
        other_->sign();
        other_->start(realRunners());
        other_->enable();
    }
    void tearDown() override { other_.reset(); }

private:
    // What a call into a plugin with this script gets: "Unavailable plugin_ended: why".
    std::string answer(tests::ScriptedRunners::Script script, Millis time = Millis(5'000), std::size_t size = 10,
                       plugin::Instance::Options options = {}) {
        tests::ScriptedRunners runners(std::move(script));
        return answerOf(runners, time, size, options);
    }
    std::string answerOf(tests::ScriptedRunners& runners, Millis time = Millis(5'000), std::size_t size = 10,
                         plugin::Instance::Options options = {}) {
        tests::Harness hostile(readFile(CONFORMANCE_PLUGIN));  // one lane, which is the one that the script speaks on
        hostile.write("plugin.json", tests::conformanceManifest().set("concurrency", 1).dump());
        hostile.sign();
        hostile.start(runners, options);
        hostile.enable();
        std::string found;
        try {
            found = hostile.invoke("echo", Json::object().set("text", std::string(size, 'x')), time).dump();
        } catch (const Error& error) {
            found = std::string(codeName(error.code())) + " " + error.reason() + ": " + error.what();
        }
        CPPUNIT_ASSERT(other_->invoke("echo") == Json::object());
        hostile.plugins.reset();
        return found;
    }
    void ends(tests::ScriptedRunners::Script script, const std::string& why, Millis time = Millis(5'000),
              std::size_t size = 10) {
        const std::string found = answer(std::move(script), time, size);
        const std::string unavailable = std::string(codeName(Code::Unavailable)) + " plugin_ended";
        CPPUNIT_ASSERT_MESSAGE(found, found.starts_with(unavailable) && found.find(why) != std::string::npos);
    }
    static std::string packet(const Frame& frame) {
        char header[wire::kHeaderSize];
        wire::encodeHeader(frame, header);
        return std::string(header, sizeof header) + std::string(frame.body);
    }
    static tests::ScriptedRunners::Script sends(Frame frame) {
        return [frame](Peer& peer, const Frame&) { Peer::send(peer.lane(), frame); };
    }

    void packetsThatAreNoFrames() {
        const auto raw = [](std::string bytes) {
            return [bytes](Peer& peer, const Frame&) { Peer::sendRaw(peer.lane(), bytes); };
        };
        ends(raw("x"), "shorter than its header");
        ends(raw(std::string(70'000, 'x')), "longer than 64 KiB");
        ends(raw(std::string(100, 'x')), "another build");
        std::string kind = packet({.kind = Kind::Reply});
        kind[4] = 99;
        ends(raw(kind), "unknown kind");
        ends(raw(packet({.kind = Kind::Data}) + "more than it says"), "lengths do not agree");
        ends(raw(packet({.kind = Kind::Reply, .total = 17u << 20})), "lengths do not agree");
    }
    void framesThatDoNotBelong() {
        ends([](Peer& peer, const Frame& call) { peer.reply(call.sequence + 1); }, "a reply to no call");
        ends(sends({.kind = Kind::Data, .sequence = 4711, .body = "x"}), "output of no call");
        for (const Kind kind : {Kind::Hello, Kind::Ping, Kind::Shutdown, Kind::Log, Kind::More})
            ends(sends({.kind = kind}), "does not belong on a lane");
        ends(
            [](Peer& peer, const Frame& call) {
                Peer::send(peer.lane(), {.kind = Kind::Data, .method = 9, .sequence = call.sequence, .body = "x"});
            },
            "a sink that does not exist");
    }
    void messagesWhosePartsDoNotFit() {
        const auto then = [](Frame more) {
            return [more](Peer& peer, const Frame& call) {
                Peer::send(peer.lane(), {.kind = Kind::Reply, .sequence = call.sequence, .total = 100, .body = "x"});
                Frame next = more;
                if (next.sequence == 0) next.sequence = call.sequence;
                Peer::send(peer.lane(), next);
            };
        };
        static const std::string long_body(200, 'y');
        ends(then({.kind = Kind::More, .body = {}}), "parts do not fit");
        ends(then({.kind = Kind::More, .body = long_body}), "parts do not fit");
        ends(then({.kind = Kind::More, .sequence = 99, .body = "y"}), "parts do not fit");
        ends(then({.kind = Kind::Pong}), "parts do not fit");
        ends(
            [](Peer& peer, const Frame& call) {
                Peer::send(peer.lane(), {.kind = Kind::Reply, .sequence = call.sequence, .total = 100, .body = "half"});
                peer.close();
            },
            "ended");
    }
    void repliesThatCannotBeRead() {
        static const std::string broken("\x01\xff\xff\xff\xff", 5);
        ends(
            [](Peer& peer, const Frame& call) {
                Peer::send(peer.lane(), {.kind = Kind::Reply, .sequence = call.sequence, .total = 5, .body = broken});
            },
            "a reply that cannot be read");
        // A status that no version of the ABI has is a failure of the plugin, not of the host.
        const std::string found = answer([](Peer& peer, const Frame& call) {
            Peer::send(peer.lane(), {.kind = Kind::Reply,
                                     .sequence = call.sequence,
                                     .status = 123456,
                                     .total = 1,
                                     .body = std::string_view("\0", 1)});
        });
        CPPUNIT_ASSERT_MESSAGE(found, found.find("without a reason") != std::string::npos);
        const std::string text = answer([](Peer& peer, const Frame& call) { peer.reply(call.sequence, "no {json"); });
        CPPUNIT_ASSERT_MESSAGE(text, text.find("is not JSON") != std::string::npos);
    }
    void unknownMethodsAndArgumentsAreRefusedAndTheCallGoesOn() {
        std::vector<int> statuses;
        const std::string found = answer([&](Peer& peer, const Frame& call) {
            const std::uint32_t outer = call.sequence;
            std::uint32_t sequence = 1000;
            const std::string junk(40, '\xff');
            for (int method = 0; method <= 0xffff; method += 0x55) {
                const Frame nested{.kind = Kind::Call,
                                   .method = static_cast<std::uint16_t>(method),
                                   .sequence = ++sequence,
                                   .total = 40,
                                   .number = -1,
                                   .body = junk};
                if (!Peer::send(peer.lane(), nested)) return;
                statuses.push_back(peer.receive().status);
            }
            for (const auto table : {1, 2, 3, 4, 5})
                for (int function = 0; function < 8; ++function) {
                    const Frame nested{.kind = Kind::Call,
                                       .method = static_cast<std::uint16_t>(table << 8 | function),
                                       .sequence = ++sequence,
                                       .total = 40,
                                       .number = 0,
                                       .body = junk};
                    if (!Peer::send(peer.lane(), nested)) return;
                    statuses.push_back(peer.receive().status);
                }
            peer.reply(outer, "{\"still\":\"here\"}");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("{\"still\":\"here\"}"), found);
        CPPUNIT_ASSERT(statuses.size() > 800);
        for (const int status : statuses)
            CPPUNIT_ASSERT(status == PORTICO_E_UNSUPPORTED || status == PORTICO_E_INVALID);
    }
    void aFloodOfRequestsThatNeverReadsTheAnswers() {
        ends(
            [](Peer& peer, const Frame&) {
                for (std::uint32_t i = 0; Peer::send(peer.lane(), {.kind = Kind::Call, .sequence = i, .number = -1});
                     ++i) {
                }
            },
            "", Millis(200));
    }
    void oneThatReadsNothing() {
        ends(
            [](Peer& peer, const Frame&) {
                while (::recv(peer.control.get(), nullptr, 0, 0) >= 0 &&
                       ::recv(peer.lane(), nullptr, 0, MSG_PEEK) > 0) {
                }
            },
            "", Millis(200), 3'000'000);
    }
    void aFloodOfLogLines() {
        const std::string line = wire::encodeLog(1, "flood", "{}");
        ends(
            [&](Peer& peer, const Frame&) {
                while (Peer::send(peer.control.get(), {.kind = Kind::Log, .method = 2, .body = line})) {
                }
            },
            "it floods the host with log lines");
    }
    void garbageOnTheControlLane() {
        ends([](Peer& peer, const Frame&) { Peer::sendRaw(peer.control.get(), std::string(500, '\0')); },
             "another build");
        // What is a frame but means nothing there is passed over.
        const std::string found = answer([](Peer& peer, const Frame& call) {
            const std::uint32_t outer = call.sequence;
            for (const Kind kind : {Kind::Call, Kind::Reply, Kind::Cancel, Kind::Shutdown, Kind::Hello, Kind::Log})
                Peer::send(peer.control.get(), {.kind = kind});
            peer.reply(outer, "{}");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), found);
    }
    void helloOfAnother() {
        for (const auto& [change, why] :
             std::initializer_list<std::pair<std::function<void(wire::Hello&)>, std::string>>{
                 {[](wire::Hello& hello) { hello.build = "other"; }, "another build"},
                 {[](wire::Hello& hello) { hello.level = 1; }, "too weak"},
                 {[](wire::Hello& hello) { hello.plugin = std::string(5000, 'x'); }, "its library says"}}) {
            tests::ScriptedRunners runners([](Peer&, const Frame&) {});
            change(runners.hello);
            const std::string found = answerOf(runners);
            CPPUNIT_ASSERT_MESSAGE(found, found.find(why) != std::string::npos);
        }
    }
    // The scripted runner never answers a ping; the call it sits on would have had a minute.
    void noSignOfLife() {
        const std::string found = answer([](Peer& peer, const Frame&) { peer.receive(); }, Millis(20'000), 10,
                                         {.heartbeat = Millis(20), .silent = Millis(1'000)});
        CPPUNIT_ASSERT_MESSAGE(found, found.find("no sign of life for 1 second") != std::string::npos);
    }
    void outputWithoutEnd() {
        static const std::string chunk(60'000, 'x');
        const std::string found = answer([](Peer& peer, const Frame& call) {
            const std::uint32_t outer = call.sequence;
            for (int i = 0; i < 200; ++i)  // 12 MB where 4 MiB are taken
                if (!Peer::send(peer.lane(), {.kind = Kind::Data, .sequence = outer, .body = chunk})) return;
            peer.reply(outer);
        });
        CPPUNIT_ASSERT_MESSAGE(found, found.starts_with(std::string(codeName(Code::Limit))));
    }
    void aProbeThatGetsOutStopsEveryPlugin() {
        tests::ScriptedRunners runners([](Peer& peer, const Frame& call) {
            peer.reply(call.sequence, "load.S1.open_passwd=refused(13)\ncall.S2.socket_tcp=allowed\n");
        });
        runners.hello.plugin = "escape-probe";
        tests::Harness host(readFile(CONFORMANCE_PLUGIN));
        host.sign();
        host.start(runners);
        host.enable();
        const auto& tested = host.plugins->testSandbox("a library", {});
        CPPUNIT_ASSERT_MESSAGE(tested.problem, tested.problem.find("call.S2.socket_tcp=allowed") != std::string::npos);
        runners.hello.plugin = "conformance";
        CPPUNIT_ASSERT_THROW(host.invoke("echo"), Error);
        const plugin::PluginState state = host.plugins->list().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("refused"), state.state);
        CPPUNIT_ASSERT_EQUAL(tested.problem, state.problem);
        host.plugins.reset();
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HostileRunnerTest);
