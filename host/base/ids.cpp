// SPDX-License-Identifier: Apache-2.0
#include "host/base/ids.h"

#include <atomic>
#include <chrono>

#include "host/base/bytes.h"

namespace portico {
namespace {

// Milliseconds in the high 48 bits, a counter in the 12 bits below them: monotonic within the process even when the
// clock stands still or steps back.
std::uint64_t nextStamp() {
    static std::atomic<std::uint64_t> last{0};
    const auto now_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
    std::uint64_t seen = last.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        next = std::max(now_ms << 12, seen + 1);
    } while (!last.compare_exchange_weak(seen, next, std::memory_order_relaxed));
    return next;
}

}  // namespace

std::string newId() {
    const std::uint64_t stamp = nextStamp();
    std::string bytes = randomBytes(16);
    for (int i = 0; i < 6; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(stamp >> (52 - 8 * i));
    bytes[6] = static_cast<char>(0x70 | ((stamp >> 8) & 0x0f));
    bytes[7] = static_cast<char>(stamp & 0xff);
    bytes[8] = static_cast<char>(0x80 | (static_cast<unsigned char>(bytes[8]) & 0x3f));
    return toHex(bytes);
}

bool isId(std::string_view text) noexcept {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace portico
