// SPDX-License-Identifier: Apache-2.0
// Set-Cookie values with the safe attributes always on. Thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/base/clock.h"

namespace portico::http {

enum class SameSite { Lax, Strict };

// "__Host-portico" over TLS; "portico" over plain HTTP, where browsers refuse the prefix.
std::string cookieName(std::string_view base, bool secure);

// HttpOnly, Path=/, no Domain, Secure over TLS. Without max_age it lives as long as the browser. The value must be made
// of token characters (base64url is); anything else throws Internal.
std::string setCookie(std::string_view base, std::string_view value, bool secure, SameSite same_site = SameSite::Lax,
                      std::optional<std::chrono::seconds> max_age = std::nullopt);
// Removes it.
std::string clearCookie(std::string_view base, bool secure);

}  // namespace portico::http
