// SPDX-License-Identifier: Apache-2.0
// One API request while it is handled: who asks, for which tenant, until when, and the parts of HTTP that every
// operation shares (If-Match, paging, Idempotency-Key). Confined to the worker that serves the request.
// Invariant: a handler of an operation that is neither public nor the operator's always has somebody signed in, in
// their own tenant.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "host/api/services.h"
#include "host/base/call_context.h"
#include "host/http/request.h"
#include "host/http/response.h"
#include "host/identity/sessions.h"

namespace portico::api {

enum class Access { Public, Staff, Admin, Owner, Operator };

class Call {
public:
    Call(Services& all, http::Request& from, std::string operation,
         std::optional<identity::Authenticated> authenticated);

    Services& services;
    http::Request& request;
    const CallContext ctx;

    bool isSignedIn() const { return who_.has_value(); }
    const identity::Authenticated& who() const;  // Denied "not_signed_in" when there is nobody
    const identity::User& user() const { return who().user; }
    bool isAdmin() const { return user().role != identity::Role::Staff; }
    Instant now() const { return services.clock.now(); }

    template <class F>
    auto read(F&& f) {
        return services.database.read(ctx.tenant, f);
    }
    template <class F>
    auto write(F&& f) {
        return services.database.write(ctx.tenant, f);
    }
    // A write that an Idempotency-Key makes repeatable: the answer is stored with the change, and given again to the
    // same request for a day. Conflict "idempotency_mismatch" when the key came with another request.
    http::Response writeOnce(const std::function<http::Response(storage::Tx&)>& f);

    // The version in If-Match; Conflict "if_match_required" (428) when there is none.
    std::int64_t expectedVersion() const;

    std::string text(std::string_view parameter) const;  // "" when absent
    bool flag(std::string_view parameter, bool otherwise = false) const;
    std::int64_t number(std::string_view parameter, std::int64_t min, std::int64_t max, std::int64_t otherwise) const;
    int limit() const { return static_cast<int>(number("limit", 1, 500, 50)); }
    std::string after() const { return text("after"); }
    std::optional<std::string> given(std::string_view parameter) const { return request.param(parameter); }

private:
    std::optional<identity::Authenticated> who_;
    const std::string operation_;  // "POST /contacts"
};

// Answers.
http::Response created(const Json& body);
http::Response versioned(const Json& body, int status = 200);  // the ETag comes from body's "version"
http::Response page(Json items, const std::optional<std::string>& next);

}  // namespace portico::api
