// SPDX-License-Identifier: Apache-2.0
#include "host/http/problem.h"

#include <algorithm>
#include <array>

namespace portico::http {
namespace {

struct Refinement {
    Code code;
    std::string_view reason;
    int status;
};

constexpr std::array kRefinements = {
    Refinement{Code::Invalid, "unprocessable", 422},
    Refinement{Code::Invalid, "validation", 422},
    Refinement{Code::Invalid, "media_type", 415},
    Refinement{Code::Invalid, "length_required", 411},
    Refinement{Code::Invalid, "expectation", 417},
    Refinement{Code::Denied, "unauthenticated", 401},
    Refinement{Code::Conflict, "stale", 412},
    Refinement{Code::Conflict, "precondition_required", 428},
    Refinement{Code::Limit, "too_large", 413},
    Refinement{Code::Limit, "header_too_large", 431},
    Refinement{Code::Limit, "uri_too_long", 414},
    Refinement{Code::Unsupported, "method_not_allowed", 405},
    Refinement{Code::Deadline, "request_timeout", 408},
    Refinement{Code::Unavailable, "disk_full", 507},
    // Reasons of the API (host/api/openapi.yaml).
    Refinement{Code::Denied, "not_signed_in", 401},
    Refinement{Code::Denied, "wrong_credentials", 401},
    Refinement{Code::Conflict, "stale_version", 412},
    Refinement{Code::Conflict, "if_match_required", 428},
    Refinement{Code::Invalid, "weak_password", 422},
    Refinement{Code::Invalid, "no_such_local_time", 422},
    Refinement{Code::Invalid, "invalid_settings", 422},
    Refinement{Code::Invalid, "not_a_contacts_csv", 422},
    Refinement{Code::Invalid, "unknown_encoding", 415},
    Refinement{Code::Invalid, "idempotency_mismatch", 422},
};

}  // namespace

int statusFor(Code code, std::string_view reason) noexcept {
    for (const Refinement& known : kRefinements)
        if (known.code == code && known.reason == reason) return known.status;
    switch (code) {
        case Code::Ok: return 200;
        case Code::Invalid: return 400;
        case Code::Denied: return 403;
        case Code::NotFound: return 404;
        case Code::Conflict: return 409;
        case Code::Unavailable: return 503;
        case Code::Deadline: return 504;
        case Code::Cancelled: return 503;
        case Code::Limit: return 429;
        case Code::Unsupported: return 501;
        case Code::Internal: return 500;
    }
    return 500;
}

Response problem(const Error& error, std::string_view request_id) {
    const bool internal = error.code() == Code::Internal;
    const int status = statusFor(error.code(), error.reason());
    const std::string reason =
        internal || error.reason().empty() ? std::string(codeName(error.code())) : error.reason();
    Json body = Json::object();
    body.set("type", "https://portico.invalid/problems/" + reason)
        .set("title", reasonPhrase(status))
        .set("status", status)
        .set("detail",
             internal ? "Something went wrong on our side; the request id helps to find it in the log." : error.what())
        .set("instance", request_id)
        .set("code", reason);
    if (!error.details().empty() && !internal) {
        const Json details = Json::parse(error.details());
        for (const auto& [name, value] : details.members())
            if (!body.has(name)) body.set(name, value);
    }
    Response response = Response::json(body, status);
    response.header("Content-Type", "application/problem+json").header("Cache-Control", "no-store");
    const bool retry = status == 503 || error.retryAfterMs() > 0;
    if (retry)
        response.header("Retry-After", std::to_string(std::max<std::int64_t>(1, (error.retryAfterMs() + 999) / 1000)));
    return response;
}

}  // namespace portico::http
