// SPDX-License-Identifier: Apache-2.0
#include "host/credential/security_event_token.h"

#include <map>

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {
namespace {

constexpr std::size_t kMaxId = 1024, kMaxName = 255;
constexpr std::string_view kPrefix = "https://schemas.openid.net/secevent/";
constexpr std::string_view kTokenRevoked = "oauth/event-type/token-revoked";

struct Meaning {
    std::string_view kind;
    std::string detail;
};

// Of the account's events. Nobody signs in to Portico with the provider, so an ended session there ends none here.
const std::map<std::string_view, Meaning>& meanings() {
    static const std::map<std::string_view, Meaning> kAll{
        {"oauth/event-type/tokens-revoked", {"revoked", "Google reports that the permission was withdrawn"}},
        {kTokenRevoked, {"revoked", "Google reports that this permission was withdrawn"}},
        {"risc/event-type/account-purged", {"revoked", "Google reports that the account was deleted"}},
        {"risc/event-type/account-disabled",
         {"needsReconnect", "Google disabled the account; connect it again once it is in order"}},
        {"risc/event-type/account-enabled", {"noticed", "Google enabled the account again"}},
        {"risc/event-type/sessions-revoked", {"noticed", "Google signed the account out everywhere"}},
        {"risc/event-type/account-credential-change-required",
         {"noticed", "Google asks the account's owner to change the password"}},
    };
    return kAll;
}

// A text member of a sensible length; empty when there is none.
std::string textOf(const Json& object, std::string_view name, std::size_t longest) {
    const Json* value = object.find(name);
    return value != nullptr && value->isString() && value->str().size() <= longest ? value->str() : std::string();
}

void add(std::vector<SecurityEvent>& events, std::string_view type, const Json& event) {
    const auto meaning = meanings().find(type);
    const Json* subject = event.isObject() ? event.find("subject") : nullptr;
    if (meaning == meanings().end() || subject == nullptr || !subject->isObject()) return;  // "verification" is one
    SecurityEvent out{meaning->second.kind, meaning->second.detail, {}, {}, {}};
    if (type == kTokenRevoked) {
        out.token = textOf(*subject, "token", kMaxName);
        out.token_algorithm = textOf(*subject, "token_identifier_alg", kMaxName);
        if (out.token.empty() || textOf(*subject, "token_type", kMaxName) != "refresh_token" ||
            (out.token_algorithm != "prefix" && out.token_algorithm != "hash_base64_sha512_sha512"))
            return;
    } else {
        out.account = textOf(*subject, "sub", kMaxName);
        if (out.account.empty()) return;
    }
    events.push_back(std::move(out));
}

}  // namespace

void refuseSecurityEvent(const char* code, const std::string& why) {
    throw Error(Code::Denied, code, "the security event is refused: " + why);
}

SecurityEventToken readSecurityEventToken(const Json& claims, const Provider& provider, const std::string& audience,
                                          Instant now) {
    if (!claims.isObject()) refuseSecurityEvent("invalid_request", "its claims are no object");
    if (textOf(claims, "iss", kMaxName) != provider.event_issuer)
        refuseSecurityEvent("invalid_issuer", "it comes from another issuer");
    if (audience.empty() || textOf(claims, "aud", kMaxName) != audience)
        refuseSecurityEvent("invalid_audience", "it is meant for another application");
    // Without an expiry: an event stays true. How old one may be bounds how long it must be remembered.
    const Json* iat = claims.find("iat");
    const std::int64_t signed_at = iat != nullptr && iat->isInteger() ? iat->integer() : 0;
    if (signed_at > toMillis(now + kSecurityEventSkew) / 1000)
        refuseSecurityEvent("invalid_request", "it is from the future");
    if (signed_at < toMillis(now - kSecurityEventAge) / 1000) refuseSecurityEvent("invalid_request", "it is too old");
    SecurityEventToken out{textOf(claims, "jti", kMaxId), fromMillis(signed_at * 1000), {}};
    if (out.id.empty()) refuseSecurityEvent("invalid_request", "it has no identifier");
    const Json* events = claims.find("events");
    if (events == nullptr || !events->isObject() || events->members().empty())
        refuseSecurityEvent("invalid_request", "it tells of no event");
    for (const auto& [type, event] : events->members()) {
        if (!type.starts_with(kPrefix)) continue;
        const std::string_view name = std::string_view(type).substr(kPrefix.size());
        log::info("security_event", {{"type", std::string(name.substr(0, kMaxName))}});
        add(out.events, name, event);
    }
    return out;
}

}  // namespace portico::credential
