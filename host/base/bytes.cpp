// SPDX-License-Identifier: Apache-2.0
#include "host/base/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "host/base/error.h"

namespace portico {
namespace {

std::string decodeBase64(std::string text, std::string_view kind) {
    const auto refuse = [&] { return Error(Code::Invalid, "bad_encoding", "not valid " + std::string(kind)); };
    if (text.size() % 4 != 0) throw refuse();
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    if (text.find('=') != std::string::npos && text.find('=') < text.size() - padding) throw refuse();
    std::string bytes(text.size() / 4 * 3, '\0');
    const int written =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (written < 0 || static_cast<std::size_t>(written) != bytes.size()) throw refuse();
    bytes.resize(bytes.size() - padding);
    return bytes;
}

}  // namespace

std::string toHex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

std::string fromHex(std::string_view text) {
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        throw Error(Code::Invalid, "bad_encoding", "not valid hexadecimal");
    };
    if (text.size() % 2 != 0) throw Error(Code::Invalid, "bad_encoding", "not valid hexadecimal");
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2)
        bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    return bytes;
}

std::string toBase64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int written =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(written));
    return text;
}

std::string fromBase64(std::string_view text) {
    // EVP_DecodeBlock skips white space; a canonical decoder does not.
    if (text.find_first_of(" \t\r\n") != std::string_view::npos)
        throw Error(Code::Invalid, "bad_encoding", "not valid base64");
    return decodeBase64(std::string(text), "base64");
}

std::string toBase64Url(std::string_view bytes) {
    std::string text = toBase64(bytes);
    while (!text.empty() && text.back() == '=') text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::string fromBase64Url(std::string_view text) {
    if (text.find_first_of("+/= \t\r\n") != std::string_view::npos || text.size() % 4 == 1)
        throw Error(Code::Invalid, "bad_encoding", "not valid base64url");
    std::string standard(text);
    for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
    standard.append((4 - standard.size() % 4) % 4, '=');
    return decodeBase64(std::move(standard), "base64url");
}

std::string sha256(std::string_view bytes) {
    std::string digest(32, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
                   nullptr) != 1)
        throw Error(Code::Internal, "crypto", "SHA-256 is not available in this OpenSSL");
    return digest;
}

std::string hmacSha256(std::string_view key, std::string_view bytes) {
    std::string mac(32, '\0');
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
             reinterpret_cast<unsigned char*>(mac.data()), nullptr) == nullptr)
        throw Error(Code::Internal, "crypto", "HMAC-SHA256 is not available in this OpenSSL");
    return mac;
}

std::string randomBytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (count > 0 && RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw Error(Code::Internal, "crypto", "the random generator failed");
    return bytes;
}

bool constantTimeEqual(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool isUtf8(std::string_view bytes) noexcept {
    static constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
        if (length == 0 || i + length > bytes.size()) return false;
        std::uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(bytes[i + k]);
            if (next >> 6 != 2) return false;
            point = point << 6 | (next & 0x3fu);
        }
        if (point < kSmallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
        i += length;
    }
    return true;
}

}  // namespace portico
