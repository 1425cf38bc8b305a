// SPDX-License-Identifier: Apache-2.0
// A lane: one socket between two of our processes carrying a strict call stack. While a side waits for a reply it
// serves nested requests of the same call on the same thread, so replies need no demultiplexing and no reader thread
// (which would double the latency). Outputs are sinks: small output rides in the reply, large output streams as it is
// made. One thread at a time (confined to whoever holds the lane). Invariants: at most kMaxDepth calls open; a nested
// deadline is never later than its caller's; what the peer sends is bounded (frame, message, depth, output per call).
// A call that was given up leaves the lane usable: its late answer is drained before the next call; a protocol fault
// does not (usable() is false and every call throws Unavailable).
#pragma once

#include <array>
#include <memory>
#include <string>

#include "host/base/error.h"
#include "host/wire/core/responder.h"
#include "host/wire/core/socket.h"
#include "plugin-api/include/portico/abi.h"

namespace portico::wire {

constexpr int kMaxDepth = 8;
constexpr std::uint64_t kMaxCallOutput = 256u << 20;  // bytes that one call of a plugin may push into its sinks
constexpr std::uint64_t kNoOutputLimit = UINT64_MAX;
constexpr std::int64_t kGraceNs = 2'000'000'000;  // from the deadline or cancel until the peer counts as stuck

struct Request {
    std::uint16_t method;
    std::int64_t deadline_ns;  // CLOCK_MONOTONIC; kNever when there is none
    std::string_view payload;  // valid until the handler returns
    std::vector<int>* fds;     // descriptors that came along; what the handler leaves here is closed
};

// Serves requests. A returned status other than 0 goes to the caller with responder.failure(); a thrown Error likewise.
class Handler {
public:
    virtual std::int32_t handle(const Request& request, Responder& responder) = 0;

protected:
    ~Handler() = default;
};

// What a waiting caller wants of a call that is under way. A passed deadline counts as ToEnd.
enum class Wish : std::uint8_t {
    GoOn,
    ToStop,  // the peer is told, and has until the deadline and its grace
    ToEnd,   // the peer is told, and has the grace from now on
    GiveUp,  // the peer is told, and nobody waits longer than a moment
};

// Decides about a slow peer. Called on the waiting thread, at every frame and every tick.
class Overseer {
public:
    virtual Wish wish() noexcept = 0;
    virtual void tell() noexcept = 0;  // asks the peer to stop; at every tick until it answers, for one may get lost

protected:
    ~Overseer() = default;
};

struct Outgoing {
    std::uint16_t method = 0;
    std::string_view payload = {};
    std::int64_t deadline_ns = kNever;
    std::span<const portico_sink> sinks = {};  // receive the output, in order, by index
    Handler* nested = nullptr;                 // serves the peer's requests meanwhile; nullptr refuses them
    Overseer* overseer = nullptr;
    std::span<const int> fds = {};
    std::uint64_t max_output = kMaxCallOutput;  // the host bounds what a plugin may push, never the other way round
};

class Lane {
public:
    // Owns the descriptor. tick_ms as in Socket: needed on the side that enforces deadlines, 0 on a side that trusts
    // its peer to do so.
    explicit Lane(int fd, int tick_ms = 0) : socket_(fd, tick_ms) {}

    // Returns the peer's status; `failure` says why when it is not 0. Throws Error: Unavailable "peer_gone", Deadline
    // "peer_stuck" (no answer within the grace), Cancelled "given_up" (Wish::GiveUp), Internal "wire_protocol".
    std::int32_t call(const Outgoing& call, Failure& failure);

    // Serves calls until the peer closes its end.
    void serve(Handler& handler);

    // Best effort: tells a peer of another build that it is one (it cannot read more than our magic number).
    void refuse() noexcept;

    // Asks the peer of the innermost call of ours to stop; it looks with Responder::cancelled(). Never waits.
    void cancelCall() noexcept;

    bool usable() const noexcept { return !broken_; }
    // No answer to a given-up call is still to come.
    bool settled() const noexcept { return unsettled_ == 0; }
    void acceptFds(bool accept) { socket_.acceptFds(accept); }
    int fd() const noexcept { return socket_.fd(); }
    // An empty string to encode the next request's payload in, as a rule without allocating.
    std::string& scratch() noexcept;

private:
    friend class Responder;
    struct Wait;

    std::int32_t await(std::uint32_t sequence, Wait& wait, Failure& failure);
    void settle(Wait& wait);
    bool receive(Frame& frame, Wait& wait);
    bool overdue(Wait& wait);
    std::int32_t finish(const Frame& frame, Wait& wait, Failure& failure);
    void push(unsigned sink, std::string_view bytes, Wait& wait, std::uint32_t sequence);
    std::string_view assemble(const Frame& first, std::string& buffer, Wait& wait);
    void serveOne(const Frame& first, Handler* handler, Wait& wait);
    void send(const Frame& frame, std::span<const int> fds, Wait* wait);
    void sendMessage(Frame first, std::string_view payload, std::span<const int> fds, Wait* wait);
    void onStop(const Frame& frame);
    void onCancel(const Frame& frame) noexcept;
    void pollStops();
    [[noreturn]] void broken(Code code, const char* reason, const std::string& text);

    Socket socket_;
    bool broken_ = false;
    int depth_ = 0;
    std::uint32_t sequence_ = 0;   // of our calls
    std::uint32_t unsettled_ = 0;  // our call that was given up and whose reply is still to come; 0 = none
    std::string scratch_;
    std::string reply_;
    std::array<std::string, kMaxDepth> inbox_;
    Responder* serving_ = nullptr;  // innermost request being served
    Wait* around_ = nullptr;        // what that request's caller waits with: its patience bounds our sending
};

}  // namespace portico::wire
