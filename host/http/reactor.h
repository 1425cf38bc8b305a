// SPDX-License-Identifier: Apache-2.0
// The one thread that serves all sockets: accepts, parks idle connections in epoll, does handshakes, collects heads and
// bodies, finishes answers to slow clients, and ends what is too late. A complete request goes to the work queue.
//
// Handing over: a connection is armed in epoll with EPOLLONESHOT, or at a worker, or in the hands of this thread; never
// two of these. A worker gives it back with release(), which arms it and passes the baton under the connection's lock,
// so that this thread cannot close the descriptor between the two. run() and everything private is confined to the
// socket thread; release() and stop functions are thread-safe.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

#include "host/base/fd.h"
#include "host/http/connection.h"
#include "host/http/mailbox.h"
#include "host/http/work_queue.h"

namespace portico::http {

class Reactor {
public:
    Reactor(Fd listener, Shared& shared, WorkQueue& queue);

    void run();
    // From a worker: the connection goes on with `want`.
    void release(const std::shared_ptr<Connection>& connection, Want want);
    // Stops accepting, drops idle connections and streams; run() returns when the last request is answered, or at the
    // deadline with whatever is not at a worker closed.
    void drain(std::int64_t deadline_ns);

    const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }
    std::size_t open() const noexcept { return open_.load(); }
    std::uint64_t accepted() const noexcept { return accepted_.load(); }
    std::uint64_t turnedAway() const noexcept { return turned_away_.load(); }

private:
    using Ptr = std::shared_ptr<Connection>;

    void handle(const epoll_event& event);
    void acceptAll();
    void admit(Fd socket, std::string peer, std::string peer_key);
    void turnAway(Fd socket);
    void readMail();
    void tick();
    void beginDrain();
    void dropIdle();
    void proceed(const Ptr& connection, Want want);
    void arm(Connection& connection, Want want);
    void armListener();
    void erase(const Ptr& connection);
    Ptr own(std::uint64_t id);  // null when it is gone or at a worker

    struct Entry {
        Ptr connection;
        std::string peer_key;
    };

    Shared& shared_;
    WorkQueue& queue_;
    Fd listener_;
    Fd epoll_;
    std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
    std::unordered_map<std::uint64_t, Entry> connections_;
    std::unordered_map<std::string, std::size_t> per_peer_;
    std::uint64_t next_id_;
    std::int64_t next_tick_ns_ = 0;
    bool listener_armed_ = false;
    bool draining_ = false;
    std::atomic<std::int64_t> drain_deadline_ns_{0};
    std::atomic<std::size_t> open_{0};
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> turned_away_{0};
};

}  // namespace portico::http
