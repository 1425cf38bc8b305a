// SPDX-License-Identifier: Apache-2.0
#include "dav.h"

#include <algorithm>
#include <charconv>

namespace carddav {

const char* const kNamespaces =
    R"(xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav" xmlns:s="http://calendarserver.org/ns/")";

namespace {

constexpr const char* kXml = "application/xml; charset=utf-8";
constexpr int kMaxHops = 5;

int statusOf(const std::string& line) {  // "HTTP/1.1 200 OK"
    const std::size_t space = line.find(' ');
    int status = 0;
    if (space != std::string::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
    return status;
}

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string trimmed(std::string text) {
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && space(text.back())) text.pop_back();
    return {std::ranges::find_if_not(text, space), text.end()};
}

struct Meaning {
    portico_status status;
    const char* code;
};

Meaning meaningOf(int http) {
    switch (http) {
        case 401: return {PORTICO_E_DENIED, "password_refused"};
        case 403: return {PORTICO_E_DENIED, "dav_forbidden"};
        case 404:
        case 410: return {PORTICO_E_NOT_FOUND, "dav_gone"};
        case 409:
        case 412: return {PORTICO_E_CONFLICT, "dav_conflict"};
        case 413:
        case 507: return {PORTICO_E_LIMIT, "dav_full"};
        case 429:
        case 503: return {PORTICO_E_UNAVAILABLE, "dav_busy"};
        default: break;
    }
    if (http >= 500) return {PORTICO_E_UNAVAILABLE, "dav_down"};
    return {PORTICO_E_INVALID, "dav_refused"};
}

}  // namespace

std::string canonical(std::string_view path) {
    static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        char c = path[i];
        if (c == '%' && i + 2 < path.size() && hexValue(path[i + 1]) >= 0 && hexValue(path[i + 2]) >= 0) {
            c = static_cast<char>(hexValue(path[i + 1]) * 16 + hexValue(path[i + 2]));
            i += 2;
            if (c == '/') {  // a slash inside a name: no other spelling is the same path
                out += "%2F";
                continue;
            }
        }
        const auto byte = static_cast<unsigned char>(c);
        if (kPlain.find(c) != std::string_view::npos)
            out += c;
        else
            ((out += '%') += kHex[byte >> 4]) += kHex[byte & 15];
    }
    return out;
}

std::string Answer::header(const char* name) const {
    const auto found = headers.find(name);
    return found != headers.end() && found->is_string() ? found->get<std::string>() : "";
}

Json Dav::settings(const Call& call) const {
    Json parsed = Json::parse(settings_.get(call), nullptr, false);
    return parsed.is_object() ? parsed : Json::object();
}

std::string Dav::server(const Call& call) const {
    const std::string server = settings(call).value("server", "");
    if (server.empty())
        throw DavError(PORTICO_E_DENIED, "server_not_chosen", "no server is chosen in the plugin's settings", 0);
    return server;
}

std::string Dav::pathOf(const Call& call, const std::string& href) const {
    const std::string text = trimmed(href);
    if (text.starts_with('/') && !text.starts_with("//")) return canonical(text);
    const std::string ours = "https://" + server(call);
    const std::string_view rest = std::string_view(text).substr(std::min(text.size(), ours.size()));
    if (!text.starts_with(ours) || (!rest.empty() && rest.front() != '/'))
        throw DavError(
            PORTICO_E_DENIED, "other_server",
            "the server refers to " + text.substr(0, 200) + ", and this connection is for " + ours + " alone", 0);
    return rest.empty() ? "/" : canonical(rest);
}

Answer Dav::send(const Call& call, const Request& request) const {
    call.checkpoint();
    const Json asked = {
        {"method", request.method}, {"url", "https://" + server(call) + request.path}, {"headers", request.headers}};
    portico::sdk::HttpReply raw;
    try {
        raw = http_.fetch(call, asked.dump(), request.body);
    } catch (const portico::sdk::PluginError& error) {
        if (error.status() != PORTICO_E_UNAVAILABLE) throw;
        throw DavError(error.status(), "dav_unreachable", error.what(), 0, error.retryAfterMs());
    }
    const Json head = Json::parse(raw.head);
    return {head.at("status"), head.value("headers", Json::object()), std::move(raw.content)};
}

Answer Dav::ask(const Call& call, const Request& request) const {
    Answer answer = send(call, request);
    if (answer.http / 100 != 2) throwError(request, answer);
    return answer;
}

void throwError(const Request& request, const Answer& answer) {
    const Meaning meaning = meaningOf(answer.http);
    std::int64_t seconds = 0;
    const std::string wait = answer.header("retry-after");
    std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
    if (seconds < 0 || seconds > 86'400) seconds = 0;
    // The path names the user and the body may hold anything, so neither is repeated.
    throw DavError(meaning.status, meaning.code,
                   request.method + " was answered " + std::to_string(answer.http) + " by the server", answer.http,
                   seconds * 1000);
}

MultiStatus Dav::read(const Call& call, const Answer& answer) const {
    MultiStatus out;
    const Element root = parseXml(answer.content);
    if (!root.is(kDav, "multistatus"))
        throw DavError(PORTICO_E_UNAVAILABLE, "no_dav", "the server does not speak WebDAV at this address",
                       answer.http);
    out.sync_token = trimmed(root.child(kDav, "sync-token").text);
    for (const Element& response : root.children) {
        if (!response.is(kDav, "response")) continue;
        Resource resource;
        resource.path = pathOf(call, response.child(kDav, "href").text);
        if (response.has(kDav, "status")) resource.status = statusOf(response.child(kDav, "status").text);
        for (const Element& part : response.children) {
            if (!part.is(kDav, "propstat") || statusOf(part.child(kDav, "status").text) / 100 != 2) continue;
            for (const Element& property : part.child(kDav, "prop").children)
                resource.properties.children.push_back(property);
        }
        out.resources.push_back(std::move(resource));
    }
    return out;
}

MultiStatus Dav::propfind(const Call& call, std::string* path, int depth, const std::string& properties) const {
    Request request{"PROPFIND", *path, {{"Depth", std::to_string(depth)}, {"Content-Type", kXml}}};
    request.body = std::string("<?xml version=\"1.0\" encoding=\"utf-8\"?><d:propfind ") + kNamespaces + "><d:prop>" +
                   properties + "</d:prop></d:propfind>";
    for (int hop = 0;; ++hop) {
        const Answer answer = send(call, request);
        const bool moved = answer.http == 301 || answer.http == 302 || answer.http == 307 || answer.http == 308;
        if (!moved || hop == kMaxHops) {
            if (answer.http / 100 != 2) throwError(request, answer);
            *path = request.path;
            return read(call, answer);
        }
        request.path =
            pathOf(call, answer.header("location"));  // the host follows no redirect; it checks this one anew
    }
}

MultiStatus Dav::report(const Call& call, const std::string& path, const std::string& body) const {
    return read(call, ask(call, {"REPORT", path, {{"Depth", "0"}, {"Content-Type", kXml}}, body}));
}

}  // namespace carddav
