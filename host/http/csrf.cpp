// SPDX-License-Identifier: Apache-2.0
#include "host/http/csrf.h"

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::http {
namespace {

bool isSafe(const Request& request) {
    return request.method == "GET" || request.isHead() || request.method == "OPTIONS";
}

[[noreturn]] void refuse(const char* why) {
    throw Error(Code::Denied, "csrf", std::string("the request does not come from a page of this site: ") + why);
}

}  // namespace

void checkSameOrigin(const Request& request, std::string_view origin) {
    if (isSafe(request)) return;
    const std::string_view site = request.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") refuse("another site sent it");
    const std::string_view from = request.header("origin");
    if (!from.empty() && from != origin) refuse("its Origin is another");
    if (!site.empty() || !from.empty()) return;
    const std::string_view referer = request.header("referer");
    if (referer != origin && !referer.starts_with(std::string(origin) + "/"))
        refuse("it does not say where it comes from");
}

void checkCsrfToken(const Request& request, std::string_view expected) {
    if (isSafe(request)) return;
    if (expected.empty() || !constantTimeEqual(request.header("x-csrf-token"), expected))
        refuse("the X-CSRF-Token is missing or old; reload the page");
}

}  // namespace portico::http
