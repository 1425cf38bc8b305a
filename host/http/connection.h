// SPDX-License-Identifier: Apache-2.0
// One client connection as a state machine that never waits: each step does what is possible now and says what to wait
// for. It knows no epoll and no threads.
//
//   Handshake -> Reading -> (Guarding -> Reading) -> Working -> Writing -> Reading ...      keep-alive
//                                                                    \-> Streaming           server-sent events
//                                                                    \-> Lingering -> gone   last answer
//
// One thread at a time: exactly one of {socket thread, a worker} owns it; see Reactor for the handing over. Only
// deadlineNs may be read by anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host/http/application.h"
#include "host/http/limits.h"
#include "host/http/output.h"
#include "host/http/request_parser.h"
#include "host/http/transport.h"

namespace portico::http {

// What all connections of a server share. Constant after construction except for the atomics.
struct Shared {
    Limits limits;
    const Application* application = nullptr;
    Spool* spool = nullptr;  // null: routes with `spool` answer 501
    std::unique_ptr<TlsContext> tls;
    std::atomic<bool> draining{false};
    std::atomic<std::uint64_t> buffered{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> expired{0};
};

enum class Want { Read, Write, Work, Close };

class Connection {
public:
    Connection(std::uint64_t id, Fd socket, std::string peer, Shared& shared);
    ~Connection();

    // On the socket thread.
    Want onReady();                      // the socket can do what was wanted
    Want onExpired();                    // the deadline has passed
    Want onWake();                       // the event stream has text, or ended
    Want refuseBusy();                   // instead of Work: no worker has time
    bool canBeDropped() const noexcept;  // neither request nor answer is under way
    // On a worker, after Want::Work. `wake` is kept for the life of an event stream.
    Want work(const std::function<void()>& wake);

    std::uint64_t id() const noexcept { return id_; }
    int fd() const noexcept { return transport_.fd(); }
    const std::string& peer() const noexcept { return peer_; }
    bool isStreaming() const noexcept { return phase_ == Phase::Streaming; }
    bool isParked() const noexcept { return phase_ == Phase::Reading && !parser_.started(); }
    std::int64_t deadlineNs() const noexcept { return deadline_ns_.load(); }
    void close() noexcept { transport_.close(); }

    // The baton: true while a worker owns the connection. Reactor and workers change it under the lock.
    std::mutex handover;
    bool at_worker = false;

private:
    enum class Phase { Handshake, Reading, Guarding, Working, Writing, Streaming, Lingering };

    Want shakeHands();
    Want read();
    // Read: all bytes are used and more are needed.
    Want parse(std::string_view bytes);
    Want startBody();
    void acceptBody(const BodyPlan& plan);
    Want refuse(const Error& error);
    Want answer(Response response, Output::Framing framing);
    Want write();
    Want afterWrite();
    Want stream();
    Want drainInput();
    void expireIn(Millis budget) noexcept;
    void releaseBudget() noexcept;

    const std::uint64_t id_;
    const std::string peer_;
    Shared& shared_;
    Transport transport_;
    RequestParser parser_;
    Output output_;
    std::string surplus_;  // bytes of the next request that came early
    std::unique_ptr<Subscription> events_;
    Phase phase_;
    bool last_answer_ = false;
    std::atomic<std::int64_t> deadline_ns_{0};
    std::int64_t body_began_ns_ = 0;
    std::uint64_t reserved_ = 0;  // of Shared::buffered
    std::uint64_t drained_ = 0;
};

}  // namespace portico::http
