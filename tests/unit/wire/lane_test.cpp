// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "host/base/error.h"
#include "host/wire/core/lane.h"

using namespace portico;
using namespace portico::wire;

namespace {

class Fn final : public Handler {
public:
    using F = std::function<std::int32_t(const Request&, Responder&)>;
    explicit Fn(F f) : f_(std::move(f)) {}
    std::int32_t handle(const Request& request, Responder& responder) override { return f_(request, responder); }

private:
    F f_;
};

portico_sink into(std::string& text) {
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                static_cast<std::string*>(self)->append(static_cast<const char*>(chunk.data), chunk.size);
                return PORTICO_OK;
            }};
}

// A served lane: `f` answers on its own thread.
struct Served {
    explicit Served(Fn::F f, int tick_ms = 5) : handler(std::move(f)) {
        const Pair pair = makePair();
        raw = pair.theirs;
        lane = std::make_unique<Lane>(pair.ours, tick_ms);
        thread = std::thread([this, fd = pair.theirs] {
            Lane theirs(fd);
            try {
                theirs.serve(handler);
            } catch (const Error& error) {
                ended_with = error.reason();
            }
        });
    }
    ~Served() { end(); }
    void end() {
        lane.reset();
        if (thread.joinable()) thread.join();
    }
    Fn handler;
    int raw = -1;
    std::unique_ptr<Lane> lane;
    std::thread thread;
    std::string ended_with;
};

}  // namespace

class LaneTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LaneTest);
    CPPUNIT_TEST(answersWithOutputAndStatus);
    CPPUNIT_TEST(carriesMessagesOfEverySize);
    CPPUNIT_TEST(servesNestedCallsInOrderWithOutput);
    CPPUNIT_TEST(stopsAtTheDepthLimit);
    CPPUNIT_TEST(nestedBudgetIsNeverLonger);
    CPPUNIT_TEST(aRefusingSinkStopsTheWriter);
    CPPUNIT_TEST(thrownErrorsArriveWhole);
    CPPUNIT_TEST(aLateAnswerIsDrainedBeforeTheNextCall);
    CPPUNIT_TEST(aSilentPeerIsReportedAndGivenUp);
    CPPUNIT_TEST(aPeerThatDoesNotReadItsAnswerIsGivenUp);
    CPPUNIT_TEST(toStopWaitsForTheDeadlineToEndDoesNot);
    CPPUNIT_TEST(aPluginsOutputIsBoundedAndAReadersIsNot);
    CPPUNIT_TEST(aPeerThatEndsIsUnavailable);
    CPPUNIT_TEST(hostileFramesBreakTheLaneOnly);
    CPPUNIT_TEST(descriptorsAreClosedUnlessTaken);
    CPPUNIT_TEST_SUITE_END();

    void answersWithOutputAndStatus() {
        Served peer([](const Request& request, Responder& responder) {
            responder.write(0, request.payload);
            responder.write(1, "second");
            responder.failure() = {"why", "because", 77};
            return PORTICO_E_CONFLICT;
        });
        std::string first, second;
        const portico_sink sinks[] = {into(first), into(second)};
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CONFLICT},
                             (peer.lane->call({.method = 5, .payload = "ping", .sinks = sinks}, failure)));
        CPPUNIT_ASSERT_EQUAL(std::string("ping"), first);
        CPPUNIT_ASSERT_EQUAL(std::string("second"), second);
        CPPUNIT_ASSERT_EQUAL(std::string("because"), failure.text);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{77}, failure.retry_after_ms);
    }
    void carriesMessagesOfEverySize() {
        Served peer([](const Request& request, Responder& responder) { return responder.write(0, request.payload); });
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kFlush - 1, kFlush, kFlush + 1, kMaxBody - 1,
                                       kMaxBody, kMaxBody + 1, std::size_t{3'000'000}, kMaxMessage}) {
            std::string sent(size, '\0'), got;
            for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<char>(i * 31 >> 3);
            const portico_sink sinks[] = {into(got)};
            Failure failure;
            CPPUNIT_ASSERT_EQUAL(0, (peer.lane->call({.payload = sent, .sinks = sinks}, failure)));
            CPPUNIT_ASSERT(sent == got);
        }
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT},
                             (peer.lane->call({.payload = std::string(kMaxMessage + 1, 'x')}, failure)));
    }
    void servesNestedCallsInOrderWithOutput() {
        Served peer([](const Request&, Responder& responder) {
            responder.write(0, "before ");
            std::string answer;
            const portico_sink sinks[] = {into(answer)};
            Failure failure;
            responder.lane().call({.method = 9, .payload = "ask", .sinks = sinks}, failure);
            return responder.write(0, answer + " after");
        });
        std::string transcript;
        const portico_sink sinks[] = {into(transcript)};
        Fn nested([&](const Request& request, Responder& responder) {
            CPPUNIT_ASSERT_EQUAL(std::string("before "), transcript);  // what was written first is here first
            transcript += "[" + std::string(request.payload) + "] ";
            return responder.write(0, "answer");
        });
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(0, (peer.lane->call({.sinks = sinks, .nested = &nested}, failure)));
        CPPUNIT_ASSERT_EQUAL(std::string("before [ask] answer after"), transcript);
        // Without a nested handler the same request is refused, and the call still ends in order.
        CPPUNIT_ASSERT_EQUAL(0, (peer.lane->call({.sinks = sinks}, failure)));
    }
    void stopsAtTheDepthLimit() {
        int deepest = 0;
        const std::function<std::int32_t(const Request&, Responder&)> deeper = [&](const Request& request,
                                                                                   Responder& responder) {
            const int depth = std::stoi(std::string(request.payload));
            deepest = std::max(deepest, depth);
            Fn again(deeper);
            Failure failure;
            return responder.lane().call({.payload = std::to_string(depth + 1), .nested = &again}, failure);
        };
        Served peer(deeper);
        Fn nested(deeper);
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, (peer.lane->call({.payload = "1", .nested = &nested}, failure)));
        CPPUNIT_ASSERT_EQUAL(kMaxDepth, deepest);
    }
    void nestedBudgetIsNeverLonger() {
        Served peer([](const Request& request, Responder& responder) {
            Failure failure;
            CPPUNIT_ASSERT(request.deadline_ns != kNever);
            return responder.lane().call({.deadline_ns = kNever},
                                         failure);  // a hostile peer claims all the time in the world
        });
        const std::int64_t deadline = nowNs() + 5'000'000'000;
        std::int64_t seen = 0;
        Fn nested([&](const Request& request, Responder&) {
            seen = request.deadline_ns;
            return 0;
        });
        Failure failure;
        peer.lane->call({.deadline_ns = deadline, .nested = &nested}, failure);
        CPPUNIT_ASSERT_EQUAL(deadline, seen);
    }
    void aRefusingSinkStopsTheWriter() {
        std::size_t written = 0;
        Served peer([&](const Request&, Responder& responder) {
            const std::string piece(10'000, 'x');
            for (written = 0; written < 100'000'000; written += piece.size())
                if (const std::int32_t status = responder.write(0, piece); status != 0) return status;
            return 0;
        });
        const portico_sink sinks[] = {
            {nullptr, [](void*, portico_bytes) -> portico_status { return PORTICO_E_LIMIT; }}};
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, (peer.lane->call({.sinks = sinks}, failure)));
        CPPUNIT_ASSERT(written < 50'000'000);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, (peer.lane->call({.sinks = sinks}, failure)));  // still in step
    }
    void thrownErrorsArriveWhole() {
        Served peer(
            [](const Request&, Responder&) -> std::int32_t { throw Error(Code::Denied, "scope", "not yours", 5); });
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DENIED}, (peer.lane->call({}, failure)));
        CPPUNIT_ASSERT_EQUAL(std::string("scope"), failure.code);
        CPPUNIT_ASSERT_EQUAL(std::string("not yours"), failure.text);
    }
    void aLateAnswerIsDrainedBeforeTheNextCall() {
        int served = 0;
        std::atomic<bool> late{true};
        Served peer([&](const Request&, Responder& responder) {
            if (++served > 1) return responder.write(0, "second");
            while (late) std::this_thread::yield();
            responder.write(0, std::string(100'000, 'x'));
            Failure failure;  // asks while nobody listens any more
            return responder.lane().call({.method = 3}, failure) == PORTICO_E_CANCELLED ? 0 : PORTICO_E_INTERNAL;
        });
        struct Impatient final : Overseer {
            Wish wish() noexcept override { return Wish::ToEnd; }
            void tell() noexcept override { ++told; }
            int told = 0;
        } overseer;
        std::string got;
        const portico_sink sinks[] = {into(got)};
        Failure failure;
        CPPUNIT_ASSERT_THROW((peer.lane->call({.sinks = sinks, .overseer = &overseer}, failure)), Error);
        CPPUNIT_ASSERT(overseer.told > 1);  // again and again: one may get lost
        CPPUNIT_ASSERT(peer.lane->usable());
        late = false;
        CPPUNIT_ASSERT_EQUAL(0, (peer.lane->call({.sinks = sinks}, failure)));
        CPPUNIT_ASSERT_EQUAL(std::string("second"), got);
    }
    void aSilentPeerIsReportedAndGivenUp() {
        const Pair pair = makePair();
        Lane lane(pair.ours, 5);
        Failure failure;
        const std::int64_t start = nowNs();
        try {
            lane.call({.deadline_ns = start + 1'000'000}, failure);
            CPPUNIT_FAIL("a silent peer answered");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Deadline);
        }
        CPPUNIT_ASSERT(nowNs() - start >= kGraceNs);
        ::close(pair.theirs);
    }
    // It asks for something large and leaves it in the socket: whoever answers must not wait for ever.
    void aPeerThatDoesNotReadItsAnswerIsGivenUp() {
        const Pair pair = makePair();
        Lane lane(pair.ours, 5);
        Socket peer(pair.theirs);
        peer.send({.kind = Kind::Call, .method = 1, .sequence = 1, .number = -1});
        Fn nested([](const Request&, Responder& responder) {
            for (int i = 0; i < 1000; ++i)
                if (const auto status = responder.write(0, std::string(kFlush, 'x')); status != 0) return status;
            return 0;
        });
        Failure failure;
        try {
            lane.call({.deadline_ns = nowNs() + 1'000'000, .nested = &nested}, failure);
            CPPUNIT_FAIL("an answer nobody read was delivered");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Deadline);
        }
        CPPUNIT_ASSERT(!lane.usable());
    }
    void toStopWaitsForTheDeadlineToEndDoesNot() {
        struct Wisher final : Overseer {
            Wish wish() noexcept override { return wanted; }
            void tell() noexcept override {}
            Wish wanted = Wish::ToStop;
        } wisher;
        const auto waited = [&](Wish wanted, std::int64_t time) {
            const Pair pair = makePair();
            Lane lane(pair.ours, 5);
            wisher.wanted = wanted;
            Failure failure;
            const std::int64_t start = nowNs();
            CPPUNIT_ASSERT_THROW((lane.call({.deadline_ns = start + time, .overseer = &wisher}, failure)), Error);
            ::close(pair.theirs);
            return nowNs() - start;
        };
        constexpr std::int64_t kTime = 1'000'000'000;
        CPPUNIT_ASSERT(waited(Wish::ToStop, kTime) >= kTime + kGraceNs);
        CPPUNIT_ASSERT(waited(Wish::ToEnd, 60 * kTime) < 30 * kTime);
        CPPUNIT_ASSERT(waited(Wish::GiveUp, 60 * kTime) < 30 * kTime);
    }
    void aPluginsOutputIsBoundedAndAReadersIsNot() {
        constexpr std::size_t kPieces = 10;
        Served peer([&](const Request&, Responder& responder) {
            for (std::size_t i = 0; i < kPieces; ++i)
                if (const auto status = responder.write(0, std::string(kFlush + 1, 'x')); status != 0) return status;
            return 0;
        });
        std::string got;
        const portico_sink sinks[] = {into(got)};
        Failure failure;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT},
                             (peer.lane->call({.sinks = sinks, .max_output = 3 * kFlush}, failure)));
        got.clear();
        CPPUNIT_ASSERT_EQUAL(0, (peer.lane->call({.sinks = sinks, .max_output = kNoOutputLimit}, failure)));
        CPPUNIT_ASSERT_EQUAL(kPieces * (kFlush + 1), got.size());
    }
    void aPeerThatEndsIsUnavailable() {
        Served peer([](const Request&, Responder&) { return 0; });
        ::shutdown(peer.raw, SHUT_RDWR);
        Failure failure;
        try {
            peer.lane->call({}, failure);
            CPPUNIT_FAIL("an ended peer answered");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("peer_gone"), error.reason());
        }
        CPPUNIT_ASSERT(!peer.lane->usable());
    }
    void hostileFramesBreakTheLaneOnly() {
        const auto attack = [](const Frame& frame, std::string_view raw = {}) {
            const Pair pair = makePair();
            Lane lane(pair.ours, 5);
            if (raw.empty())
                Socket(::dup(pair.theirs)).send(frame);
            else
                CPPUNIT_ASSERT(::send(pair.theirs, raw.data(), raw.size(), 0) > 0);
            std::string reason;
            std::string got;
            const portico_sink sinks[] = {into(got)};
            try {
                Failure failure;
                lane.call({.sinks = sinks}, failure);
            } catch (const Error& error) {
                reason = error.reason();
            }
            CPPUNIT_ASSERT(!lane.usable());
            ::close(pair.theirs);
            return reason;
        };
        const std::string protocol = "wire_protocol";
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({.kind = Kind::Reply, .sequence = 99})));
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({.kind = Kind::Data, .method = 1, .sequence = 1, .body = "x"})));
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({.kind = Kind::Data, .sequence = 2, .body = "x"})));
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({.kind = Kind::More, .sequence = 1, .body = "x"})));
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({.kind = Kind::Hello})));
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({.kind = Kind::Reply, .sequence = 1, .total = 3, .body = "\1\2\3"})));
        CPPUNIT_ASSERT_EQUAL(std::string("wire_build"), attack({}, std::string(40, 'x')));
        CPPUNIT_ASSERT_EQUAL(protocol, (attack({}, "short")));
    }
    void descriptorsAreClosedUnlessTaken() {
        int pipe_ends[2];
        CPPUNIT_ASSERT_EQUAL(0, ::pipe(pipe_ends));
        {
            Served peer([](const Request& request, Responder& responder) {
                return responder.write(0, std::to_string(request.fds->size()));
            });
            std::string got;
            const portico_sink sinks[] = {into(got)};
            const int fds[] = {pipe_ends[1]};
            Failure failure;
            peer.lane->call({.sinks = sinks, .fds = fds}, failure);
            CPPUNIT_ASSERT_EQUAL(std::string("0"), got);  // not asked for: dropped by the kernel
        }
        ::close(pipe_ends[1]);
        char byte;
        CPPUNIT_ASSERT_EQUAL(ssize_t{0}, ::read(pipe_ends[0], &byte, 1));  // no copy of the write end is left
        ::close(pipe_ends[0]);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LaneTest);
