// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-common/api.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace portico::google {

namespace {

constexpr std::size_t kMaxBody = 1 << 20;             // portico_http_1
constexpr std::int64_t kRateWaitMs = 60'000;          // Google's windows are one minute
constexpr std::int64_t kQuotaWaitMs = 6 * 3'600'000;  // "usage limits" last hours; hammering prolongs them

struct Meaning {
    portico_status status;
    const char* code;
    std::int64_t retry_after_ms;
};
struct Known {
    std::string_view reason;
    Meaning meaning;
};

// Reasons that mean the same under every status they come with.
constexpr std::array kKnown = {
    Known{"rateLimitExceeded", {PORTICO_E_UNAVAILABLE, "google_rate", kRateWaitMs}},
    Known{"userRateLimitExceeded", {PORTICO_E_UNAVAILABLE, "google_rate", kRateWaitMs}},
    Known{"RATE_LIMIT_EXCEEDED", {PORTICO_E_UNAVAILABLE, "google_rate", kRateWaitMs}},
    Known{"RESOURCE_EXHAUSTED", {PORTICO_E_UNAVAILABLE, "google_rate", kRateWaitMs}},
    Known{"quotaExceeded", {PORTICO_E_LIMIT, "google_quota", kQuotaWaitMs}},
    Known{"dailyLimitExceeded", {PORTICO_E_LIMIT, "google_quota", kQuotaWaitMs}},
    Known{"sharingRateLimitExceeded", {PORTICO_E_LIMIT, "google_quota", kQuotaWaitMs}},
    Known{"storageQuotaExceeded", {PORTICO_E_LIMIT, "google_storage", 0}},
    Known{"MY_CONTACTS_OVERFLOW_COUNT", {PORTICO_E_LIMIT, "google_storage", 0}},
    Known{"insufficientPermissions", {PORTICO_E_DENIED, "google_scope", 0}},
    Known{"ACCESS_TOKEN_SCOPE_INSUFFICIENT", {PORTICO_E_DENIED, "google_scope", 0}},
    Known{"accessNotConfigured", {PORTICO_E_DENIED, "google_api_disabled", 0}},
    Known{"SERVICE_DISABLED", {PORTICO_E_DENIED, "google_api_disabled", 0}},
    Known{"cannotDownloadAbusiveFile", {PORTICO_E_DENIED, "google_malware", 0}},
    Known{"failedPrecondition", {PORTICO_E_CONFLICT, "google_conflict", 0}},
    Known{"FAILED_PRECONDITION", {PORTICO_E_CONFLICT, "google_conflict", 0}},
};

Meaning meaningOf(int http, std::string_view reason) {
    for (const Known& known : kKnown) {
        if (known.reason == reason) return known.meaning;
    }
    switch (http) {
        case 401: return {PORTICO_E_DENIED, "google_auth", 0};
        case 403: return {PORTICO_E_DENIED, "google_forbidden", 0};
        case 404: return {PORTICO_E_NOT_FOUND, "google_not_found", 0};
        case 409:
        case 412: return {PORTICO_E_CONFLICT, "google_conflict", 0};
        case 410: return {PORTICO_E_NOT_FOUND, "google_gone", 0};
        case 429: return {PORTICO_E_UNAVAILABLE, "google_rate", kRateWaitMs};
        default: break;
    }
    if (http >= 500) return {PORTICO_E_UNAVAILABLE, "google_down", 0};
    return {PORTICO_E_INVALID, "google_refused", 0};
}

// Bodies come in an old shape (errors[].reason), a new one (details[].reason, status), mixed, or as HTML from the front
// end. The most specific reason wins; a bare FAILED_PRECONDITION status says less than a detail.
std::string reasonOf(const Json& body) {
    const Json error = body.is_object() && body.contains("error") ? body["error"] : Json();
    if (!error.is_object()) return "";
    for (const char* list : {"details", "errors"}) {
        if (!error.contains(list) || !error[list].is_array()) continue;
        for (const Json& item : error[list]) {
            if (item.is_object() && item.contains("reason") && item["reason"].is_string()) return item["reason"];
        }
    }
    return error.contains("status") && error["status"].is_string() ? error["status"].get<std::string>() : "";
}

std::string messageOf(const Json& body) {
    const Json::json_pointer message("/error/message");
    return body.is_object() && body.contains(message) && body[message].is_string() ? body[message].get<std::string>()
                                                                                   : "";
}

}  // namespace

std::string Reply::header(std::string_view name) const {
    const auto lower = [](std::string_view text) {
        std::string out(text);
        std::ranges::transform(out, out.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
        return out;
    };
    for (const auto& [key, value] : headers.items()) {
        if (lower(key) == lower(name) && value.is_string()) return value;
    }
    return "";
}

Json Reply::json() const {
    if (content.empty()) return Json::object();
    Json parsed = Json::parse(content, nullptr, false);
    if (parsed.is_discarded()) {
        throw ApiError(PORTICO_E_UNAVAILABLE, "google_garbled", "Google's answer was cut short or is no JSON", 0, http,
                       "");
    }
    return parsed;
}

Reply Api::send(const Call& call, const Request& request) const {
    call.checkpoint();
    const std::string body = request.body.is_null() ? std::string() : request.body.dump();
    if (body.size() > kMaxBody) {
        throw ApiError(PORTICO_E_INVALID, "too_big", "the request is larger than 1 MiB", 0, 413, "");
    }
    Json asked = {
        {"method", request.method}, {"url", request.url}, {"query", request.query}, {"headers", request.headers}};
    if (!request.body.is_null()) asked["headers"]["Content-Type"] = "application/json; charset=UTF-8";
    if (!request.body_blob.empty()) {
        asked["body_blob"] = {{"id", request.body_blob}, {"offset", request.offset}, {"length", request.length}};
    }
    if (!request.content_blob.empty()) asked["content_blob"] = request.content_blob;

    sdk::HttpReply raw;
    try {
        raw = http_.fetch(call, asked.dump(), body);
    } catch (const sdk::PluginError& error) {
        if (error.status() == PORTICO_E_LIMIT) {  // the host held it back: as good as Google's own "slow down"
            throw ApiError(PORTICO_E_UNAVAILABLE, "host_rate", error.what(), error.retryAfterMs(), 429, "");
        }
        if (error.status() != PORTICO_E_UNAVAILABLE) throw;
        throw ApiError(error.status(), "google_unreachable", error.what(), error.retryAfterMs(), 0, "");
    }
    const Json head = parseObject(raw.head, "the host's response head");
    return {head.at("status"), head.value("headers", Json::object()), std::move(raw.content),
            head.value("content_bytes", std::uint64_t{0})};
}

Json Api::ask(const Call& call, const Request& request) const {
    const Reply reply = send(call, request);
    if (reply.http / 100 != 2) throwError(request, reply);
    return reply.json();
}

void throwError(const Request& request, const Reply& reply) {
    const Json body = Json::parse(reply.content, nullptr, false);
    std::string reason = reasonOf(body);
    const std::string words = messageOf(body);
    if (words.find("MY_CONTACTS_OVERFLOW_COUNT") != std::string::npos) reason = "MY_CONTACTS_OVERFLOW_COUNT";
    Meaning meaning = meaningOf(reply.http, reason);
    const std::string wait = reply.header("Retry-After");
    std::int64_t seconds = 0;
    std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
    if (seconds > 0 && seconds < 86'400) meaning.retry_after_ms = seconds * 1000;
    const std::string host = request.url.substr(0, request.url.find('/', 8));
    throw ApiError(meaning.status, meaning.code,
                   request.method + " at " + host + " was answered " + std::to_string(reply.http) +
                       (reason.empty() ? "" : " " + reason) + (words.empty() ? "" : ": " + words),
                   meaning.retry_after_ms, reply.http, reason);
}

std::string segment(std::string_view text) {
    static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@";
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kPlain.find(c) != std::string_view::npos)
            out += c;
        else
            ((out += '%') += kHex[byte >> 4]) += kHex[byte & 15];
    }
    return out;
}

Json parseObject(std::string_view text, std::string_view what) {
    Json parsed = Json::parse(text, nullptr, false);
    if (!parsed.is_object()) {
        throw sdk::PluginError(PORTICO_E_INVALID, "bad_json", std::string(what) + " is not a JSON object");
    }
    return parsed;
}

std::vector<Json> parseLines(std::string_view lines) {
    std::vector<Json> parsed;
    sdk::eachLine(lines, [&](std::string_view line) { parsed.push_back(parseObject(line, "a line")); });
    return parsed;
}

const Json& member(const Json& object, const char* name) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
}

const Json& listOf(const Json& object, const char* name) {
    static const Json kNone = Json::array();
    const Json& value = member(object, name);
    return value.is_array() ? value : kNone;
}

std::string textOf(const Json& object, const char* name) {
    const Json& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace portico::google
