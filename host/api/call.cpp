// SPDX-License-Identifier: Apache-2.0
#include "host/api/call.h"

#include <charconv>

#include "host/api/idempotency.h"
#include "host/base/error.h"
#include "host/http/conditional.h"

namespace portico::api {
namespace {

constexpr Millis kBudget{30'000};

CallContext contextOf(const http::Request& request, const std::optional<identity::Authenticated>& who) {
    CallContext context;
    if (who) {
        context.tenant = who->user.tenant;
        context.actor.user = who->user.id;
    }
    context.actor.via = "web";
    context.deadline = Deadline::in(kBudget);
    context.trace = request.id;
    context.given_up = request.client_left;
    return context;
}

[[noreturn]] void refuseParameter(std::string_view name, const std::string& why) {
    throw Error(Code::Invalid, "invalid_parameter", "read the parameter '" + std::string(name) + "': " + why);
}

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Call::Call(Services& all, http::Request& from, std::string operation,
           std::optional<identity::Authenticated> authenticated)
    : services(all),
      request(from),
      ctx(contextOf(from, authenticated)),
      who_(std::move(authenticated)),
      operation_(std::move(operation)) {}

const identity::Authenticated& Call::who() const {
    if (!who_) throw Error(Code::Denied, "not_signed_in", operation_ + ": nobody is signed in; sign in first");
    return *who_;
}

http::Response Call::writeOnce(const std::function<http::Response(storage::Tx&)>& f) {
    const std::string_view key = request.header("Idempotency-Key");
    if (!request.headers.has("Idempotency-Key")) return write(f);
    const Repeatable repeatable(key, operation_, request.path, request.body);
    return write([&](storage::Tx& tx) {
        if (auto before = repeatable.find(tx, user().id, now())) return std::move(*before);
        http::Response answer = f(tx);
        repeatable.keep(tx, user().id, answer, now());
        return answer;
    });
}

std::int64_t Call::expectedVersion() const { return http::expectedVersion(request); }

std::string Call::text(std::string_view parameter) const { return request.param(parameter).value_or(""); }

bool Call::flag(std::string_view parameter, bool otherwise) const {
    const auto value = request.param(parameter);
    if (!value) return otherwise;
    if (*value != "true" && *value != "false") refuseParameter(parameter, "it is neither true nor false");
    return *value == "true";
}

std::int64_t Call::number(std::string_view parameter, std::int64_t min, std::int64_t max,
                          std::int64_t otherwise) const {
    const auto value = request.param(parameter);
    if (!value) return otherwise;
    const auto parsed = wholeNumber(*value);
    if (!parsed || *parsed < min || *parsed > max) {
        refuseParameter(parameter,
                        "it is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return *parsed;
}

http::Response created(const Json& body) {
    return body.has("version") ? versioned(body, 201) : http::Response::json(body, 201);
}

http::Response versioned(const Json& body, int status) {
    http::Response response = http::Response::json(body, status);
    response.header("ETag", http::etagFor(body.integer("version")));
    return response;
}

http::Response page(Json items, const std::optional<std::string>& next) {
    return http::Response::json(
        Json::object({{"items", std::move(items)}, {"next", next ? Json(*next) : Json(nullptr)}}));
}

}  // namespace portico::api
