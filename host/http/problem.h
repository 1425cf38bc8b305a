// SPDX-License-Identifier: Apache-2.0
// From Error to answer: the one table of status codes, and problem details (RFC 9457). Thread-safe functions.
#pragma once

#include <string_view>

#include "host/base/error.h"
#include "host/http/response.h"

namespace portico::http {

// The reason refines the code: Conflict is 409, with reason "stale" 412, with "precondition_required" 428, and so on.
int statusFor(Code code, std::string_view reason) noexcept;

// application/problem+json with type, title, status, detail, instance (the request id), code (the reason), and the
// members of Error::details(). What an Internal error says stays in the log.
Response problem(const Error& error, std::string_view request_id);

}  // namespace portico::http
