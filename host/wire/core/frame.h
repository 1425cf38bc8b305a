// SPDX-License-Identifier: Apache-2.0
// One packet between two of our own processes: a fixed header and at most 64 KiB in all. The format is private: both
// ends are the same build, and the magic number (a hash of this format) makes sure of it. Decoding is a pure function
// over bytes that a hostile plugin may have written. Thread-safe (no state).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace portico::wire {

constexpr std::size_t kMaxFrame = 64 * 1024;
constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kMaxBody = kMaxFrame - kHeaderSize;
constexpr std::size_t kMaxMessage = 16u << 20;  // one request or reply put together from its frames

enum class Kind : std::uint8_t {
    Call = 1,   // starts a request; method, budget, total
    Reply = 2,  // ends the call `sequence`; status, total
    More = 3,   // continues the Call or Reply before it
    Data = 4,   // callee -> caller: output for sink `method` of the call `sequence`
    Stop = 5,   // caller -> callee: sink `method` of the call `sequence` wants no more; status says why
    Hello = 6,  // the rest travels on control lanes only
    Ping = 7,
    Pong = 8,
    Cancel = 9,  // control lanes: the call with id `number`; call lanes: the call `sequence`
    Shutdown = 10,
    Log = 11,  // method = level, number = lines that were too many before it; one way, may be dropped
};

struct Frame {
    Kind kind{};
    std::uint16_t method = 0;
    std::uint32_t sequence = 0;
    std::int32_t status = 0;
    std::uint32_t total = 0;     // Call, Reply: bytes of the whole message, this frame's body included
    std::int64_t number = 0;     // Call: remaining budget in ns, -1 = none; control frames: their number
    std::string_view body = {};  // borrowed from the bytes it was decoded from
};

enum class Fault : std::uint8_t { None, TooShort, TooLong, OtherBuild, UnknownKind, BadLength };

struct Decoded {
    Fault fault = Fault::None;
    Frame frame;
};

Decoded decodeFrame(std::string_view packet) noexcept;
// Writes the header that goes before frame.body.
void encodeHeader(const Frame& frame, std::span<char, kHeaderSize> out) noexcept;

std::string_view faultText(Fault fault) noexcept;
// 64 hex digits; equal on both ends of every lane.
std::string_view buildId() noexcept;

}  // namespace portico::wire
