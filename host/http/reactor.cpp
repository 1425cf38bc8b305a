// SPDX-License-Identifier: Apache-2.0
#include "host/http/reactor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::http {
namespace {

constexpr std::uint64_t kListenerId = 0;
constexpr std::uint64_t kMailboxId = 1;
constexpr std::uint64_t kFirstConnectionId = 2;
constexpr int kTickMs = 50;
constexpr int kAcceptsPerTurn = 64;

struct Peer {
    std::string address;
    std::string key;  // what connections are counted by: an IPv6 host can use its whole /64
};

Peer describe(const sockaddr_storage& from) {
    char text[INET6_ADDRSTRLEN] = "";
    if (from.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, text, sizeof text);
        return {text, text};
    }
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(from).sin6_addr;
    ::inet_ntop(AF_INET6, &address, text, sizeof text);
    if (IN6_IS_ADDR_V4MAPPED(&address)) return {std::string(text).substr(7), std::string(text).substr(7)};
    return {text, std::string(reinterpret_cast<const char*>(&address), 8)};
}

}  // namespace

Reactor::Reactor(Fd listener, Shared& shared, WorkQueue& queue)
    : shared_(shared),
      queue_(queue),
      listener_(std::move(listener)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      next_id_(kFirstConnectionId) {
    if (!epoll_) throwErrno("create an epoll");
    const int flags = ::fcntl(listener_.get(), F_GETFL);
    if (flags < 0 || ::fcntl(listener_.get(), F_SETFL, flags | O_NONBLOCK) != 0) throwErrno("use the listening socket");
    epoll_event mail{};
    mail.events = EPOLLIN;
    mail.data.u64 = kMailboxId;
    epoll_event listen{};
    listen.data.u64 = kListenerId;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, mailbox_->fd(), &mail) != 0 ||
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &listen) != 0)
        throwErrno("watch the listening socket");
}

void Reactor::armListener() {
    epoll_event listen{};
    listen.events = EPOLLIN | EPOLLONESHOT;
    listen.data.u64 = kListenerId;
    listener_armed_ = ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_.get(), &listen) == 0;
}

void Reactor::run() {
    std::array<epoll_event, 256> events{};
    armListener();
    while (!draining_ || !connections_.empty()) {
        const bool timed = !connections_.empty() || !listener_armed_;
        const int count =
            ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timed ? kTickMs : -1);
        if (count < 0 && errno != EINTR) throwErrno("wait for sockets");
        for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
        if (monotonicNs() >= next_tick_ns_) tick();
    }
}

void Reactor::handle(const epoll_event& event) {
    if (event.data.u64 == kListenerId) return acceptAll();
    if (event.data.u64 == kMailboxId) return readMail();
    if (const Ptr connection = own(event.data.u64)) proceed(connection, connection->onReady());
}

Reactor::Ptr Reactor::own(std::uint64_t id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return nullptr;
    const std::scoped_lock guard(found->second.connection->handover);
    return found->second.connection->at_worker ? nullptr : found->second.connection;
}

void Reactor::proceed(const Ptr& connection, Want want) {
    if (want == Want::Work) {
        {
            const std::scoped_lock guard(connection->handover);
            connection->at_worker = true;
        }
        if (queue_.push(connection)) return;
        {
            const std::scoped_lock guard(connection->handover);
            connection->at_worker = false;
        }
        want = connection->refuseBusy();
    }
    if (want == Want::Close) return erase(connection);
    arm(*connection, want);
}

void Reactor::arm(Connection& connection, Want want) {
    epoll_event event{};
    event.events = (want == Want::Write ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
    event.data.u64 = connection.id();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd(), &event);
}

void Reactor::release(const Ptr& connection, Want want) {
    // A pipelined request is behind the others again; when there is no room it stays first.
    while (want == Want::Work) {
        if (queue_.push(connection)) return;
        const auto mailbox = mailbox_;
        want = connection->work([mailbox, id = connection->id()] { mailbox->post({id, Mailbox::Kind::Wake}); });
    }
    const bool streams = connection->isStreaming();
    {
        const std::scoped_lock guard(connection->handover);
        if (want != Want::Close) arm(*connection, want);
        connection->at_worker = false;
    }
    if (want == Want::Close) mailbox_->post({connection->id(), Mailbox::Kind::Close});
    // Text that came while the worker had it found nobody to send it.
    else if (streams)
        mailbox_->post({connection->id(), Mailbox::Kind::Wake});
}

void Reactor::acceptAll() {
    if (draining_) return;
    for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        Fd socket(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (!socket && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            // Armed again at the next tick: trying at once would spin.
            listener_armed_ = false;
            log::warning("http.cannot_accept", {{"why", std::strerror(errno)}});
            return;
        }
        if (!socket) break;
        Peer peer = describe(from);
        admit(std::move(socket), std::move(peer.address), std::move(peer.key));
    }
    armListener();
}

void Reactor::admit(Fd socket, std::string peer, std::string peer_key) {
    ++accepted_;
    const auto counted = per_peer_.find(peer_key);
    if (connections_.size() >= shared_.limits.connections ||
        (counted != per_peer_.end() && counted->second >= shared_.limits.connections_per_peer))
        return turnAway(std::move(socket));
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t id = next_id_++;
    auto connection = std::make_shared<Connection>(id, std::move(socket), std::move(peer), shared_);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.u64 = id;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection->fd(), &event) != 0) return;
    ++per_peer_[peer_key];
    connections_.emplace(id, Entry{std::move(connection), std::move(peer_key)});
    open_ = connections_.size();
}

// Over TLS there is no answer to give before a handshake, which is what the caps are to spare us.
void Reactor::turnAway(Fd socket) {
    ++turned_away_;
    if (shared_.tls) return;
    static constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (::send(socket.get(), kBusy.data(), kBusy.size(), MSG_NOSIGNAL) >= 0) ::shutdown(socket.get(), SHUT_WR);
}

void Reactor::readMail() {
    for (const Mailbox::Mail& mail : mailbox_->take()) {
        if (mail.kind == Mailbox::Kind::Stop) {
            beginDrain();
        } else if (const Ptr connection = own(mail.connection)) {
            proceed(connection, mail.kind == Mailbox::Kind::Close ? Want::Close : connection->onWake());
        }
    }
}

void Reactor::tick() {
    const std::int64_t now = monotonicNs();
    next_tick_ns_ = now + kTickMs * 1'000'000LL;
    const bool out_of_time = draining_ && now >= drain_deadline_ns_;
    if (draining_)
        dropIdle();
    else if (!listener_armed_)
        armListener();
    std::vector<std::uint64_t> late;
    for (const auto& [id, entry] : connections_)
        if (out_of_time || entry.connection->deadlineNs() <= now) late.push_back(id);
    for (const std::uint64_t id : late)
        if (const Ptr connection = own(id)) proceed(connection, out_of_time ? Want::Close : connection->onExpired());
}

void Reactor::drain(std::int64_t deadline_ns) {
    drain_deadline_ns_ = deadline_ns;
    shared_.draining = true;
    mailbox_->post({0, Mailbox::Kind::Stop});
}

void Reactor::beginDrain() {
    draining_ = true;
    listener_.reset();
    dropIdle();
}

// Again at every tick of a drain: a connection may have been with a worker the first time.
void Reactor::dropIdle() {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, entry] : connections_) ids.push_back(id);
    for (const std::uint64_t id : ids) {
        const Ptr connection = own(id);
        if (connection && connection->canBeDropped()) erase(connection);
    }
}

void Reactor::erase(const Ptr& connection) {
    const auto found = connections_.find(connection->id());
    if (found == connections_.end()) return;
    const auto counted = per_peer_.find(found->second.peer_key);
    if (--counted->second == 0) per_peer_.erase(counted);
    connection->close();
    connections_.erase(found);
    open_ = connections_.size();
}

}  // namespace portico::http
