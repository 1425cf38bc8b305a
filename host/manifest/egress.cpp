// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/egress.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "host/base/error.h"
#include "host/base/text.h"
#include "host/manifest/url.h"

namespace portico::manifest {
namespace {

constexpr std::size_t kMaxHeaderBytes = 16 * 1024;

// How far the best rule got; the refusal names the first thing that no rule allows.
struct Refusal {
    int stage = 0;
    std::string what;
    void note(int at, std::string text) {
        if (at <= stage) return;
        stage = at;
        what = std::move(text);
    }
};

bool listed(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

[[noreturn]] void deny(const Manifest& manifest, const std::string& what) {
    throw Error(Code::Denied, "egress_denied", "plugin " + manifest.id.str() + " may not " + what);
}

// A fault in the header itself, before any rule is looked at.
void checkHeaders(const Manifest& manifest, const Headers& headers) {
    std::size_t bytes = 0;
    std::vector<std::string> seen;
    for (const auto& [name, value] : headers) {
        const std::string plain = lowerAscii(name);
        bytes += name.size() + value.size();
        const bool token = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '-' || c == '_';
        });
        if (!token) deny(manifest, "send a header with an odd name");
        if (isForbiddenHeader(plain)) deny(manifest, "set the header " + plain + ": only the host does");
        if (listed(seen, plain)) deny(manifest, "send the header " + plain + " twice");
        if (std::any_of(value.begin(), value.end(),
                        [](unsigned char c) { return (c < 0x20 && c != '\t') || c > 0x7e; }))
            deny(manifest, "put control or non-ASCII characters into the header " + plain);
        seen.push_back(plain);
    }
    if (bytes > kMaxHeaderBytes) deny(manifest, "send more than 16 KiB of headers");
}

bool queryFits(const Rule& rule, const Url& url, Refusal& refusal) {
    for (const auto& [name, value] : rule.required_query) {
        const auto count = std::count_if(url.query.begin(), url.query.end(),
                                         [&name = name](const auto& p) { return p.first == name; });
        const auto found = std::find(url.query.begin(), url.query.end(), std::pair(name, value));
        if (count == 1 && found != url.query.end()) continue;
        refusal.note(4, "without exactly one query parameter " + name + "=" + value);
        return false;
    }
    for (const auto& [name, value] : url.query) {
        const bool required = std::any_of(rule.required_query.begin(), rule.required_query.end(),
                                          [&name = name](const auto& wanted) { return wanted.first == name; });
        if (required || listed(rule.allowed_query, name)) continue;
        refusal.note(4, "with the query parameter '" + name + "'");
        return false;
    }
    return true;
}

bool headersFit(const Rule& rule, const Headers& headers, Refusal& refusal) {
    for (const auto& [name, value] : headers) {
        const std::string plain = lowerAscii(name);
        if (plain == "accept" || plain == "content-type" || listed(rule.headers, plain)) continue;
        refusal.note(5, "with the header " + plain);
        return false;
    }
    return true;
}

std::string writeUrl(const Url& url, const std::string& path) {
    std::string out = "https://" + url.server + path;
    char separator = '?';
    for (const auto& [name, value] : url.query) {
        out += separator + percentEncode(name) + "=" + percentEncode(value);
        separator = '&';
    }
    return out;
}

}  // namespace

Allowed match(const Manifest& manifest, std::string_view connection, std::string_view method, std::string_view text,
              const Headers& headers, std::string_view server) {
    const Connection* from = manifest.connection(connection);
    if (from == nullptr)
        deny(manifest, "use a connection '" + std::string(connection) + "': plugin.json has none of that name");
    const Url url = parseUrl(text);
    if (isForbiddenTarget(url.host, url.segments.empty() ? "" : url.segments[0]))
        deny(manifest, "call " + url.host + ": credentials are made and explained there");
    checkHeaders(manifest, headers);
    const bool bound = from->kind == ConnectionKind::Basic;
    if (bound && url.server != server)
        throw Error(Code::Denied, "server_changed",
                    "plugin " + manifest.id.str() + " may not call " + url.server +
                        ": this connection's password is for " + std::string(server) +
                        " alone. If the administrator has chosen another server, connect again");
    Refusal refusal;
    refusal.note(1, ": no rule names this host");
    for (const Rule& rule : from->rules) {
        if (!bound && rule.host != url.server) continue;
        refusal.note(2, ": no rule of this host has this path");
        const std::optional<std::string> path = rule.path.match(url.segments, url.ends_in_slash);
        if (!path) continue;
        refusal.note(3, ": no rule of this path has this method");
        if (rule.method != method || !queryFits(rule, url, refusal) || !headersFit(rule, headers, refusal)) continue;
        return {&rule, writeUrl(url, *path), url.server};
    }
    std::string path;
    for (const std::string& segment : url.segments) path += '/' + segment;
    deny(manifest,
         "call " + std::string(method).substr(0, 16) + " " + url.server + path.substr(0, 200) + " " + refusal.what);
}

}  // namespace portico::manifest
