// SPDX-License-Identifier: Apache-2.0
// The socket of one lane: sends and receives whole frames on a connected SOCK_SEQPACKET socket, with descriptors riding
// along where that is asked for. It exists so that Lane holds the call rules only. Owns its descriptor.
// One thread at a time, except send(), which is atomic per frame.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "host/wire/core/frame.h"

namespace portico::wire {

constexpr std::int64_t kNever = INT64_MAX;
std::int64_t nowNs() noexcept;  // CLOCK_MONOTONIC

class Socket {
public:
    // tick_ms: how long a blocked send or receive may sleep before it reports Waiting; 0 = until something happens.
    explicit Socket(int fd, int tick_ms = 0);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    enum class Result : std::uint8_t { Done, Waiting, Closed };

    // `fds` are duplicated into the peer. Closed when the peer is gone; throws Error for anything else.
    Result send(const Frame& frame, std::span<const int> fds = {}, bool wait = true);
    // The frame borrows from this object's buffer until the next receive. Throws Error (reason "wire_protocol") for a
    // packet that decodeFrame refuses.
    Result receive(Frame& frame, bool wait = true);

    // Descriptors that came with received frames, oldest first; only when acceptFds(true). The caller owns them.
    void acceptFds(bool accept) { accept_fds_ = accept; }
    std::vector<int> takeFds();
    int fd() const noexcept { return fd_; }

private:
    long receiveWithFds(int flags, bool& truncated);

    int fd_;
    bool accept_fds_ = false;
    std::unique_ptr<char[]> buffer_;
    std::vector<int> fds_;
};

// Two connected ends, close-on-exec. Throws Error.
struct Pair {
    int ours;
    int theirs;
};
Pair makePair();

}  // namespace portico::wire
