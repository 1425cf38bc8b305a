// SPDX-License-Identifier: Apache-2.0
// Is this write really asked for by a page of ours? Three independent signs: Sec-Fetch-Site, Origin (or Referer), and
// the session's token in a header. Thread-safe functions.
#pragma once

#include <string>
#include <string_view>

#include "host/http/request.h"

namespace portico::http {

// Nothing for GET, HEAD and OPTIONS. For the others throws Denied (csrf) when Sec-Fetch-Site is neither same-origin nor
// none, when an Origin is given that is not `origin` ("https://crm.example.org"; "null" never is), or when no
// Sec-Fetch-Site comes and neither Origin nor Referer is ours.
void checkSameOrigin(const Request& request, std::string_view origin);

// Throws Denied (csrf) unless X-CSRF-Token is `expected`; constant time. Nothing for GET, HEAD and OPTIONS.
void checkCsrfToken(const Request& request, std::string_view expected);

}  // namespace portico::http
