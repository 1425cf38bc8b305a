// SPDX-License-Identifier: Apache-2.0
#include "host/http/uri.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::http {
namespace {

[[noreturn]] void refuse(const char* why) {
    throw Error(Code::Invalid, "bad_target", std::string("the request target ") + why);
}

int hexDigit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decodePath(std::string_view raw) {
    if (raw.empty() || raw.front() != '/') refuse("is not an absolute path");
    std::string path = percentDecode(raw, false);
    // An encoded slash would change the segments after routing has seen them.
    if (std::count(path.begin(), path.end(), '/') != std::count(raw.begin(), raw.end(), '/'))
        refuse("has an encoded slash");
    for (const char c : path)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') refuse("has a forbidden character");
    if (!isUtf8(path)) refuse("is not UTF-8");
    for (std::size_t at = 1; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = std::string_view(path).substr(at, end - at);
        if (segment == "." || segment == "..") refuse("has a dot segment");
        if (segment.empty() && end != path.size()) refuse("has an empty segment");
        at = end + 1;
    }
    return path;
}

std::map<std::string, std::string> decodeQuery(std::string_view raw) {
    std::map<std::string, std::string> query;
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('&'), raw.size());
        const std::string_view pair = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        std::string name = percentDecode(pair.substr(0, equals), true);
        std::string value = equals == std::string_view::npos ? "" : percentDecode(pair.substr(equals + 1), true);
        if (!isUtf8(name) || !isUtf8(value) || (name + value).find('\0') != std::string::npos)
            refuse("has a query that is not text");
        if (!query.emplace(name, std::move(value)).second)
            throw Error(Code::Invalid, "duplicate_parameter", "query parameter '" + name + "' is given twice");
    }
    return query;
}

}  // namespace

std::string percentDecode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
            if (high < 0 || low < 0) refuse("has a malformed percent escape");
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string percentEncode(std::string_view text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
            c == '_' || c == '~') {
            out += c;
        } else {
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

Target parseTarget(std::string_view target) {
    const std::size_t mark = target.find('?');
    Target parsed;
    parsed.path = decodePath(target.substr(0, mark));
    if (mark != std::string_view::npos) parsed.query = decodeQuery(target.substr(mark + 1));
    return parsed;
}

}  // namespace portico::http
