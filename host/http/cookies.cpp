// SPDX-License-Identifier: Apache-2.0
#include "host/http/cookies.h"

#include "host/base/error.h"
#include "host/http/headers.h"

namespace portico::http {

std::string cookieName(std::string_view base, bool secure) { return (secure ? "__Host-" : "") + std::string(base); }

std::string setCookie(std::string_view base, std::string_view value, bool secure, SameSite same_site,
                      std::optional<std::chrono::seconds> max_age) {
    if (!isToken(base) || (!value.empty() && !isToken(value)))
        throw Error(Code::Internal, "cookie", "a cookie's name or value has characters that need quoting");
    std::string cookie = cookieName(base, secure) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=";
    cookie += same_site == SameSite::Lax ? "Lax" : "Strict";
    if (secure) cookie += "; Secure";
    if (max_age) cookie += "; Max-Age=" + std::to_string(max_age->count());
    return cookie;
}

std::string clearCookie(std::string_view base, bool secure) {
    return setCookie(base, "", secure, SameSite::Lax, std::chrono::seconds(0));
}

}  // namespace portico::http
