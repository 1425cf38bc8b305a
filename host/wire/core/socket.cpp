// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "host/base/error.h"

namespace portico::wire {
namespace {

constexpr std::size_t kMaxFds = 64;

[[noreturn]] void fail(const char* attempted) {
    throw Error(Code::Internal, "wire_socket", std::string(attempted) + ": " + std::strerror(errno));
}

bool isGone(int error) { return error == EPIPE || error == ECONNRESET || error == ENOTCONN || error == ESHUTDOWN; }

}  // namespace

std::int64_t nowNs() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

Socket::Socket(int fd, int tick_ms) : fd_(fd), buffer_(new char[kMaxFrame]) {
    if (tick_ms == 0) return;
    const timeval tick{tick_ms / 1000, tick_ms % 1000 * 1000};
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick) != 0 ||
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tick, sizeof tick) != 0) {
        ::close(fd_);
        fail("set the time limits of a lane");
    }
}

Socket::~Socket() {
    for (const int fd : fds_) ::close(fd);
    ::close(fd_);
}

Socket::Result Socket::send(const Frame& frame, std::span<const int> fds, bool wait) {
    char header[kHeaderSize];
    encodeHeader(frame, header);
    iovec parts[2] = {{header, sizeof header}, {const_cast<char*>(frame.body.data()), frame.body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = frame.body.empty() ? 1 : 2;
    alignas(cmsghdr) char control[CMSG_SPACE(kMaxFds * sizeof(int))];
    if (!fds.empty()) {
        if (fds.size() > kMaxFds) throw Error(Code::Limit, "wire_fds", "too many descriptors for one message");
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(fds.size_bytes());
        cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fds.size_bytes());
        std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
    }
    for (;;) {
        if (::sendmsg(fd_, &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT)) >= 0) return Result::Done;
        if (errno == EINTR) continue;
        if (errno == EAGAIN) return Result::Waiting;
        if (isGone(errno)) return Result::Closed;
        fail("send on a lane");
    }
}

Socket::Result Socket::receive(Frame& frame, bool wait) {
    const int flags = MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT);
    for (;;) {
        bool truncated = false;
        const long got = accept_fds_ ? receiveWithFds(flags, truncated) : ::recv(fd_, buffer_.get(), kMaxFrame, flags);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return Result::Waiting;
        if (got < 0 && isGone(errno)) return Result::Closed;
        if (got < 0) fail("receive on a lane");
        if (got == 0) return Result::Closed;
        const auto size = static_cast<std::size_t>(got);
        const Decoded decoded =
            size > kMaxFrame || truncated ? Decoded{Fault::TooLong, {}} : decodeFrame({buffer_.get(), size});
        if (decoded.fault != Fault::None)
            throw Error(Code::Internal, decoded.fault == Fault::OtherBuild ? "wire_build" : "wire_protocol",
                        "the process at the other end of a lane sent " + std::string(faultText(decoded.fault)));
        frame = decoded.frame;
        return Result::Done;
    }
}

long Socket::receiveWithFds(int flags, bool& truncated) {
    iovec part{buffer_.get(), kMaxFrame};
    alignas(cmsghdr) char control[CMSG_SPACE(kMaxFds * sizeof(int))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const long got = ::recvmsg(fd_, &message, flags | MSG_CMSG_CLOEXEC);
    if (got < 0) return got;
    for (cmsghdr* part_of = CMSG_FIRSTHDR(&message); part_of != nullptr; part_of = CMSG_NXTHDR(&message, part_of)) {
        if (part_of->cmsg_level != SOL_SOCKET || part_of->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part_of->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        const std::size_t before = fds_.size();
        fds_.resize(before + count);
        std::memcpy(fds_.data() + before, CMSG_DATA(part_of), count * sizeof(int));
    }
    truncated = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    return got;
}

std::vector<int> Socket::takeFds() { return std::exchange(fds_, {}); }

Pair makePair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) fail("make a pair of sockets");
    return {ends[0], ends[1]};
}

}  // namespace portico::wire
