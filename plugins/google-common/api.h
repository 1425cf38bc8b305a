// SPDX-License-Identifier: Apache-2.0
// One request to a Google API and what its answer means. Google says "forbidden", "too fast" and "quota used up" with
// the same 403, so errors are judged by their reason, never by the status alone. Success is parsed JSON; everything
// else is an ApiError that says whether Google certainly did nothing. Nothing is repeated here: the host's sync engine
// decides when to try again. Immutable; safe from any thread that is serving a call.
#pragma once

#include <portico/plugin.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace portico::google {

using Json = nlohmann::json;
using sdk::Call;

// Text is personal data of the account, so it is never put into messages; Google's own error words are.
class ApiError : public sdk::PluginError {
public:
    ApiError(portico_status status, std::string code, const std::string& message, std::int64_t retry_after_ms, int http,
             std::string reason)
        : PluginError(status, std::move(code), message, retry_after_ms), http_(http), reason_(std::move(reason)) {}

    int http() const { return http_; }  // 0: there was no reply
    const std::string& reason() const { return reason_; }
    bool refusedByGoogle() const { return http_ >= 300 && http_ < 500; }  // certainly not carried out

private:
    int http_;
    std::string reason_;
};

struct Request {
    std::string method;
    std::string url;  // without query; path segments already through segment()
    Json query = Json::object();
    Json headers = Json::object();
    Json body = nullptr;      // sent as JSON when not null
    std::string body_blob{};  // or these bytes of this blob
    std::uint64_t offset = 0, length = 0;
    std::string content_blob{};  // where a successful answer's content goes
};

struct Reply {
    int http = 0;
    Json headers;
    std::string content;
    std::uint64_t content_bytes = 0;

    std::string header(std::string_view name) const;  // without regard to case; empty when absent
    Json json() const;                                // ApiError (Unavailable) when cut short or not JSON
};

class Api {
public:
    explicit Api(sdk::Host host) : http_(host) {}

    // Any answer; throws ApiError only when there was none.
    Reply send(const Call& call, const Request& request) const;
    // A 2xx answer's JSON ({} when empty); throws ApiError for anything else.
    Json ask(const Call& call, const Request& request) const;

private:
    sdk::Http http_;
};

[[noreturn]] void throwError(const Request& request, const Reply& reply);

// `text` as one path segment: everything percent-encoded but unreserved characters and '@', which calendar ids hold.
std::string segment(std::string_view text);

// A request of the host's, parsed; PluginError (Invalid) when it is not an object.
Json parseObject(std::string_view text, std::string_view what);
std::vector<Json> parseLines(std::string_view lines);

// Services answer with members missing, null or of another type; these never throw for it.
const Json& member(const Json& object, const char* name);  // null when absent
const Json& member(Json&& temporary, const char* name) = delete;
const Json& listOf(const Json& object, const char* name);  // [] when absent or no array
const Json& listOf(Json&& temporary, const char* name) = delete;
std::string textOf(const Json& object, const char* name);  // "" when absent or no string

}  // namespace portico::google
