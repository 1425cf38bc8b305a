// SPDX-License-Identifier: Apache-2.0
// Small text helpers that the ABI's formats ask for: JSON Lines, a JSON string literal, base64. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <portico/plugin/core.hpp>

namespace portico::sdk {

// Calls take(line) for each non-empty '\n'-ended line; the last may lack its line end.
template <class Take>
void eachLine(std::string_view lines, Take&& take) {
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
        if (!line.empty()) take(line);
    }
}

// `text` as a JSON string with its quotes. Bytes above 0x7f pass through: the ABI's text is UTF-8.
inline std::string jsonQuoted(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (byte < 0x20)
            ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
        else
            out += c;
    }
    return out += '"';
}

inline std::string toBase64(std::string_view content) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((content.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < content.size(); at += 3) {
        const std::size_t taken = content.size() - at < 3 ? content.size() - at : 3;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8 | (i < taken ? static_cast<unsigned char>(content[at + i]) : 0);
        }
        for (std::size_t i = 0; i < 4; ++i) out += i <= taken ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}

// Throws PluginError (Invalid) for anything but padded standard base64.
inline std::string fromBase64(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= 'A' && c <= 'Z') return c - 'A';
        if (c >= 'a' && c <= 'z') return c - 'a' + 26;
        if (c >= '0' && c <= '9') return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    };
    const PluginError junk(PORTICO_E_INVALID, "base64", "not base64 text");
    if (text.size() % 4 != 0) throw junk;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int value = i < text.size() - padding ? digit(text[i]) : 0;
        if (value < 0) throw junk;
        group = group << 6 | static_cast<std::uint32_t>(value);
        if (i % 4 != 3) continue;
        for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(group >> shift & 255);
        group = 0;
    }
    out.resize(out.size() - padding);
    return out;
}

}  // namespace portico::sdk
