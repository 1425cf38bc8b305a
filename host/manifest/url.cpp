// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/url.h"

#include <algorithm>
#include <cstring>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::manifest {
namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw Error(Code::Denied, "egress_url", "the request's URL is refused: " + why);
}

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isUnreserved(char c) {
    return isLower(c) || isDigit(c) || (c >= 'A' && c <= 'Z') || (c != '\0' && std::strchr("-._~", c) != nullptr);
}

int hexValue(char c) {
    if (isDigit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decode(std::string_view text, std::string_view where) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hexValue(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            refuse("a percent sign in the " + std::string(where) + " is not followed by two hex digits");
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!isUtf8(out)) refuse("the " + std::string(where) + " is not UTF-8");
    for (const char c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            refuse("the " + std::string(where) + " hides a control character");
    return out;
}

std::string decodeSegment(std::string_view raw) {
    std::string segment = decode(raw, "path");
    if (segment.empty()) refuse("the path has an empty segment");
    if (segment == "." || segment == "..") refuse("the path has a dot segment");
    if (segment.find_first_of("/\\%") != std::string::npos)
        refuse("the path hides a slash, a backslash or a percent sign");
    return segment;
}

void readQuery(std::string_view text, Url& url) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) refuse("the query has an empty parameter");
        if (pair.find('+') != std::string_view::npos) refuse("write a space in the query as %20 and a plus as %2B");
        const std::size_t equals = pair.find('=');
        std::string name = decode(pair.substr(0, equals), "query");
        if (name.empty()) refuse("the query has a parameter without a name");
        url.query.emplace_back(std::move(name),
                               equals == std::string_view::npos ? "" : decode(pair.substr(equals + 1), "query"));
    }
}

void checkCharacters(std::string_view text) {
    if (text.size() > kMaxUrl) refuse("it is longer than 16 KiB");
    for (const char c : text)
        if (c <= 0x20 || c >= 0x7f || std::strchr("\\\"<>^`{|}", c) != nullptr)
            refuse("it contains a character that must be percent-encoded");
}

}  // namespace

bool isHostName(std::string_view host) {
    if (host.size() > 253) return false;
    std::size_t labels = 0, start = 0;
    std::string_view label;
    while (start <= host.size()) {
        label = host.substr(start, host.find('.', start) - start);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::all_of(label.begin(), label.end(), [](char c) { return isLower(c) || isDigit(c) || c == '-'; }))
            return false;
        start += label.size() + 1;
        ++labels;
    }
    return labels >= 2 && isLower(label.front());
}

bool isServer(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return isHostName(text);
    const std::string_view port = text.substr(colon + 1);
    const bool digits = !port.empty() && port.size() <= 5 && port.front() != '0' &&
                        std::all_of(port.begin(), port.end(), [](char c) { return isDigit(c); });
    return digits && port != "443" && std::stoi(std::string(port)) <= 65535 && isHostName(text.substr(0, colon));
}

std::string percentEncode(std::string_view bytes) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : bytes) {
        if (isUnreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return out;
}

Url parseUrl(std::string_view text) {
    constexpr std::string_view kScheme = "https://";
    checkCharacters(text);
    if (!text.starts_with(kScheme)) refuse("it must start with https://");
    text.remove_prefix(kScheme.size());
    if (text.find('#') != std::string_view::npos) refuse("it has a fragment");
    const std::size_t host_end = std::min(text.find_first_of("/?"), text.size());
    Url url;
    url.server = text.substr(0, host_end);
    url.host = url.server.substr(0, url.server.find(':'));
    if (url.server.find('@') != std::string::npos) refuse("it names a user");
    if (!isHostName(url.host)) refuse("'" + url.host + "' is not a plain lower-case host name");
    if (!isServer(url.server))
        refuse("'" + url.server + "' names a port in another way than :1 to :65535, without :443");
    text.remove_prefix(host_end);
    if (!text.starts_with('/')) refuse("it has no path");
    const std::size_t query_at = text.find('?');
    std::string_view path = text.substr(1, query_at == std::string_view::npos ? query_at : query_at - 1);
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        url.segments.push_back(decodeSegment(path.substr(0, slash)));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
        url.ends_in_slash = path.empty();
    }
    if (query_at != std::string_view::npos) readQuery(text.substr(query_at + 1), url);
    return url;
}

}  // namespace portico::manifest
