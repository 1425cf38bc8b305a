// SPDX-License-Identifier: Apache-2.0
#include "host/credential/id_token.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::credential {
namespace {

constexpr std::int64_t kClockSkewSeconds = 60;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(Code::Denied, "oauth_id_token", "the provider's proof of who signed in is refused: " + why);
}

}  // namespace

Json IdTokenVerifier::signedClaims(std::string_view text, Deadline deadline) {
    try {
        return keys_.verify(text, deadline);
    } catch (const Error& error) {
        if (error.code() != Code::Denied) throw;
        refuse(error.what());
    }
}

Identity IdTokenVerifier::verify(std::string_view text, const std::string& audience, const std::string& nonce,
                                 Deadline deadline) {
    const Json claims = signedClaims(text, deadline);
    const std::string issuer = claims.getStr("iss");
    if (std::find(provider_.issuers.begin(), provider_.issuers.end(), issuer) == provider_.issuers.end())
        refuse("it comes from another issuer");
    // One audience, ours: a list could name others besides.
    if (claims.find("aud") == nullptr || !claims.at("aud").isString() || claims.str("aud") != audience)
        refuse("it is meant for another application");
    const std::int64_t now = toMillis(clock_.now()) / 1000;
    if (claims.getInt("exp") + kClockSkewSeconds < now) refuse("it has expired; check this machine's clock");
    if (claims.getInt("iat", now) - kClockSkewSeconds > now)
        refuse("it is from the future; check this machine's clock");
    if (!constantTimeEqual(claims.getStr("nonce"), nonce)) refuse("it answers another sign-in");
    if (claims.getStr("sub").empty() || claims.getStr("sub").size() > 255) refuse("it names no account");
    return {claims.str("sub"), claims.getStr("email")};
}

}  // namespace portico::credential
