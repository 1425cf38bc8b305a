// SPDX-License-Identifier: Apache-2.0
// What a Security Event Token (RFC 8417) says, once its signature is known to be the provider's. Looks nothing up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/clock.h"
#include "host/base/json.h"
#include "host/credential/providers/provider.h"

namespace portico::credential {

struct SecurityEvent {
    std::string_view kind;  // as in SecurityEffect
    std::string detail;
    std::string account;                 // the account's `sub`; or empty, and then:
    std::string token, token_algorithm;  // a refresh token's "prefix" or "hash_base64_sha512_sha512"
};

struct SecurityEventToken {
    std::string id;
    Instant signed_at;
    std::vector<SecurityEvent> events;  // those that mean something here, of well-formed subjects
};

// How long one is accepted after it was signed.
inline constexpr auto kSecurityEventAge = std::chrono::hours(24 * 7);
inline constexpr auto kSecurityEventSkew = std::chrono::seconds(60);

// Throws Denied with RFC 8935's error code as the reason: invalid_request, invalid_issuer, invalid_audience.
SecurityEventToken readSecurityEventToken(const Json& claims, const Provider& provider, const std::string& audience,
                                          Instant now);
[[noreturn]] void refuseSecurityEvent(const char* code, const std::string& why);

}  // namespace portico::credential
