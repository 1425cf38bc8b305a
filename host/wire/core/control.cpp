// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/control.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "host/wire/core/codec.h"

namespace portico::wire {

std::string encodeHello(const Hello& hello) {
    std::string out;
    Writer writer(out);
    writer.bytes(hello.build);
    writer.bytes(hello.plugin);
    writer.bytes(hello.version);
    writer.integer(hello.minor_built);
    writer.integer(hello.minor_required);
    writer.integer(hello.level);
    writer.integer(hello.landlock_abi);
    writer.bytes(hello.missing);
    writer.bytes(hello.problem);
    return out;
}

std::optional<Hello> decodeHello(std::string_view body) {
    Reader reader(body);
    Hello hello;
    hello.build = reader.bytes();
    hello.plugin = reader.bytes();
    hello.version = reader.bytes();
    hello.minor_built = reader.integer<std::uint16_t>();
    hello.minor_required = reader.integer<std::uint16_t>();
    hello.level = reader.integer<std::int32_t>();
    hello.landlock_abi = reader.integer<std::int32_t>();
    hello.missing = reader.bytes();
    hello.problem = reader.bytes();
    if (!reader.complete()) return std::nullopt;
    return hello;
}

std::string encodeLog(std::uint64_t call_id, std::string_view event, std::string_view fields) {
    std::string out;
    Writer writer(out);
    writer.integer(call_id);
    writer.bytes(event.substr(0, 256));
    writer.bytes(fields.size() <= 8192 ? fields : std::string_view());
    return out;
}

std::optional<LogLine> decodeLog(std::string_view body) {
    Reader reader(body);
    LogLine line;
    line.call_id = reader.integer<std::uint64_t>();
    line.event = reader.bytes();
    line.fields = reader.bytes();
    if (!reader.complete()) return std::nullopt;
    return line;
}

bool ControlLane::send(Kind kind, std::int64_t number, std::string_view body, std::uint16_t method) {
    return socket_.send({.kind = kind, .method = method, .number = number, .body = body}, {}, false) ==
           Socket::Result::Done;
}

void ControlLane::shutdown() noexcept { ::shutdown(socket_.fd(), SHUT_RDWR); }

ControlLane::Got ControlLane::receive(Frame& frame, int timeout_ms) {
    pollfd ready{socket_.fd(), POLLIN, 0};
    const int count = ::poll(&ready, 1, timeout_ms);
    if (count <= 0) return Got::Nothing;
    switch (socket_.receive(frame, false)) {
        case Socket::Result::Done: return Got::Frame;
        case Socket::Result::Waiting: return Got::Nothing;
        case Socket::Result::Closed: return Got::Closed;
    }
    return Got::Closed;
}

}  // namespace portico::wire
