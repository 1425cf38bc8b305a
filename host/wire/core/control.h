// SPDX-License-Identifier: Apache-2.0
// The control lane of a runner: one-way frames beside the call lanes (who the runner is, heartbeat, cancel, shutdown,
// the plugin's log lines). Sending is thread-safe (one frame is one packet) and never blocks; receiving is one
// thread's.
#pragma once

#include <optional>
#include <string>

#include "host/wire/core/socket.h"

namespace portico::wire {

// What a runner says of itself once it is locked down, before it serves.
struct Hello {
    std::string build;   // buildId()
    std::string plugin;  // the entry's id and version; empty when the library was not loaded
    std::string version;
    std::uint16_t minor_built = 0;
    std::uint16_t minor_required = 0;
    std::int32_t level = 0;  // 1 seccomp and limits, 2 + Landlock, 3 + namespaces
    std::int32_t landlock_abi = 0;
    std::string missing;  // why the level is not higher; one line each
    std::string problem;  // why the plugin is not served; empty when it is
};

std::string encodeHello(const Hello& hello);
// Empty when the bytes are no Hello.
std::optional<Hello> decodeHello(std::string_view body);

struct LogLine {
    std::uint64_t call_id = 0;  // 0 when the line belongs to no call
    std::string event;
    std::string fields;  // a JSON object or empty
};
std::string encodeLog(std::uint64_t call_id, std::string_view event, std::string_view fields);
std::optional<LogLine> decodeLog(std::string_view body);

class ControlLane {
public:
    explicit ControlLane(int fd) : socket_(fd) {}

    // False when the frame was dropped because the peer does not read, or the peer is gone.
    bool send(Kind kind, std::int64_t number = 0, std::string_view body = {}, std::uint16_t method = 0);
    enum class Got : std::uint8_t { Frame, Nothing, Closed };
    // Waits at most timeout_ms (-1 = for ever). Throws Error (wire_protocol) for a malformed frame.
    Got receive(Frame& frame, int timeout_ms);
    // Both ends see it closed from now on; wakes a receive() in progress.
    void shutdown() noexcept;
    int fd() const noexcept { return socket_.fd(); }

private:
    Socket socket_;
};

}  // namespace portico::wire
