// SPDX-License-Identifier: Apache-2.0
#include "host/wire/service_server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::wire {
namespace {

Fd unixSocket() {
    Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (!socket) throwErrno("make a socket");
    return socket;
}

sockaddr_un address(const std::filesystem::path& path) {
    sockaddr_un result{};
    result.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof result.sun_path)
        throw Error(Code::Invalid, "socket_path",
                    "the path " + path.string() + " is too long for a socket (107 bytes)");
    std::memcpy(result.sun_path, path.c_str(), path.native().size());
    return result;
}

bool mayConnect(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

}  // namespace

ServiceServer::ServiceServer(ServiceHandler handler, bool accept_fds)
    : handler_(std::move(handler)), accept_fds_(accept_fds) {}

ServiceServer::~ServiceServer() { stop(); }

bool ServiceServer::add(Fd lane) {
    const std::lock_guard lock(mutex_);
    reap();
    if (stopped_ || serving_.size() >= kMaxLanes) return false;
    Serving& serving = serving_.emplace_back();
    serving.fd = lane.get();
    serving.thread =
        std::thread([this, &serving, own = std::make_shared<Fd>(std::move(lane))] { run(serving, std::move(*own)); });
    return true;
}

void ServiceServer::run(Serving& serving, Fd lane) {
    // The descriptor stays ours until `ended` is set, so that stop() never touches a number that was reused.
    Fd shared(::dup(lane.get()));
    try {
        serveLane(std::move(shared), handler_, accept_fds_);
    } catch (const std::exception& error) {
        log::warning("wire.lane_failed", {{"error", error.what()}});
    }
    const std::lock_guard lock(mutex_);
    serving.ended = true;
}

void ServiceServer::reap() {
    for (auto at = serving_.begin(); at != serving_.end();) {
        if (!at->ended) {
            ++at;
            continue;
        }
        at->thread.join();
        at = serving_.erase(at);
    }
}

void ServiceServer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        for (const Serving& serving : serving_)
            if (!serving.ended) ::shutdown(serving.fd, SHUT_RDWR);
    }
    for (Serving& serving : serving_) serving.thread.join();  // nothing is added once stopped_ is set
    serving_.clear();
}

ServiceListener::ServiceListener(std::filesystem::path path, ServiceHandler handler)
    : path_(std::move(path)), socket_(unixSocket()), server_(std::move(handler)) {
    const sockaddr_un at = address(path_);
    const auto* generic = reinterpret_cast<const sockaddr*>(&at);
    if (const Fd probe = unixSocket(); ::connect(probe.get(), generic, sizeof at) == 0)
        throw Error(Code::Conflict, "socket_in_use", "another process already listens on " + path_.string());
    ::unlink(path_.c_str());
    // Before bind, so that the file never exists with a wider mode.
    if (::fchmod(socket_.get(), 0600) != 0 || ::bind(socket_.get(), generic, sizeof at) != 0 ||
        ::listen(socket_.get(), 8) != 0)
        throwErrno("listen on " + path_.string());
    thread_ = std::thread([this] { accept(); });
}

ServiceListener::~ServiceListener() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
    server_.stop();
    ::unlink(path_.c_str());
}

void ServiceListener::accept() {
    for (;;) {
        Fd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!peer && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (!peer) return;  // shut down, or out of descriptors: the operator's log says which
        if (!mayConnect(peer.get()))
            log::warning("wire.peer_refused", {{"socket", path_.string()}});
        else if (!server_.add(std::move(peer)))
            log::warning("wire.too_many_peers", {{"socket", path_.string()}});
    }
}

Fd connectTo(const std::filesystem::path& path) {
    Fd socket = unixSocket();
    const sockaddr_un at = address(path);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
        throw Error(Code::Unavailable, "not_running",
                    "connect to " + path.string() + ": " + std::strerror(errno) +
                        "; is Portico running, and are you its user?");
    return socket;
}

std::pair<Fd, Fd> lanePair() {
    const Pair pair = makePair();
    return {Fd(pair.ours), Fd(pair.theirs)};
}

}  // namespace portico::wire
