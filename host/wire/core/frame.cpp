// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/frame.h"

#include <cstring>

#include "host/wire/core/build_id.h"

namespace portico::wire {
namespace {

template <class T>
void put(char*& at, T value) noexcept {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
}
template <class T>
T take(const char*& at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
    return value;
}

bool hasTotal(Kind kind) noexcept { return kind == Kind::Call || kind == Kind::Reply; }

}  // namespace

Decoded decodeFrame(std::string_view packet) noexcept {
    if (packet.size() < kHeaderSize) return {Fault::TooShort, {}};
    if (packet.size() > kMaxFrame) return {Fault::TooLong, {}};
    const char* at = packet.data();
    if (take<std::uint32_t>(at) != PORTICO_WIRE_MAGIC) return {Fault::OtherBuild, {}};
    Frame frame;
    const auto kind = take<std::uint16_t>(at);
    if (kind < static_cast<std::uint16_t>(Kind::Call) || kind > static_cast<std::uint16_t>(Kind::Log))
        return {Fault::UnknownKind, {}};
    frame.kind = static_cast<Kind>(kind);
    frame.method = take<std::uint16_t>(at);
    frame.sequence = take<std::uint32_t>(at);
    const auto size = take<std::uint32_t>(at);
    frame.status = take<std::int32_t>(at);
    frame.total = take<std::uint32_t>(at);
    frame.number = take<std::int64_t>(at);
    frame.body = packet.substr(kHeaderSize);
    if (size != frame.body.size()) return {Fault::BadLength, {}};
    if (hasTotal(frame.kind) && (frame.total < size || frame.total > kMaxMessage)) return {Fault::BadLength, {}};
    return {Fault::None, frame};
}

void encodeHeader(const Frame& frame, std::span<char, kHeaderSize> out) noexcept {
    char* at = out.data();
    put<std::uint32_t>(at, PORTICO_WIRE_MAGIC);
    put<std::uint16_t>(at, static_cast<std::uint16_t>(frame.kind));
    put<std::uint16_t>(at, frame.method);
    put<std::uint32_t>(at, frame.sequence);
    put<std::uint32_t>(at, static_cast<std::uint32_t>(frame.body.size()));
    put<std::int32_t>(at, frame.status);
    put<std::uint32_t>(at, frame.total);
    put<std::int64_t>(at, frame.number);
}

std::string_view faultText(Fault fault) noexcept {
    switch (fault) {
        case Fault::None: return "no fault";
        case Fault::TooShort: return "a packet shorter than its header";
        case Fault::TooLong: return "a packet longer than 64 KiB";
        case Fault::OtherBuild: return "a packet of another build of Portico; restart both programs";
        case Fault::UnknownKind: return "a packet of an unknown kind";
        case Fault::BadLength: return "a packet whose lengths do not agree";
    }
    return "an unknown fault";
}

std::string_view buildId() noexcept { return PORTICO_WIRE_BUILD; }

}  // namespace portico::wire
