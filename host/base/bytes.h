// SPDX-License-Identifier: Apache-2.0
// Bytes as text and back, digests and randomness: the few primitives that every room needs, over OpenSSL. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace portico {

std::string toHex(std::string_view bytes);
std::string fromHex(std::string_view text);  // throws Invalid unless pairs of lower-case digits
// RFC 4648 section 5 without padding. Decoding throws Invalid on any foreign character or impossible length.
std::string toBase64Url(std::string_view bytes);
std::string fromBase64Url(std::string_view text);
// RFC 4648 section 4 with padding.
std::string toBase64(std::string_view bytes);
std::string fromBase64(std::string_view text);

std::string sha256(std::string_view bytes);                            // 32 raw bytes
std::string hmacSha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

// From the kernel's generator through OpenSSL; throws Internal when there is none.
std::string randomBytes(std::size_t count);

// Takes time that depends on the lengths only.
bool constantTimeEqual(std::string_view a, std::string_view b) noexcept;

// True when the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool isUtf8(std::string_view bytes) noexcept;

}  // namespace portico
