// SPDX-License-Identifier: Apache-2.0
#include "host/credential/security_events.h"

#include <algorithm>
#include <map>
#include <set>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kSkew = 60s;
constexpr auto kOldest = 24h * 7;
constexpr std::size_t kMaxJti = 1024;
constexpr std::string_view kPrefix = "https://schemas.openid.net/secevent/";

[[noreturn]] void refuse(const char* code, const std::string& why) {
    throw Error(Code::Denied, code, "the security event is refused: " + why);
}

struct Meaning {
    std::string_view kind;
    std::string detail;
};

// Of the account's events. Nobody signs in to Portico with the provider, so an ended session there ends none here.
const std::map<std::string_view, Meaning>& meanings() {
    static const std::map<std::string_view, Meaning> kAll{
        {"oauth/event-type/tokens-revoked", {"revoked", "Google reports that the permission was withdrawn"}},
        {"oauth/event-type/token-revoked", {"revoked", "Google reports that this permission was withdrawn"}},
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

}  // namespace

Json SecurityEvents::verified(std::string_view token, Deadline deadline) {
    Json claims;
    try {
        claims = p_.provider_keys.verify(token, deadline);
    } catch (const Error& error) {
        if (error.reason() == "token_unreadable") refuse("invalid_request", error.what());
        // Perhaps a new key: the sender is asked to come again rather than told that it is wrong.
        if (error.reason() == "token_key_unasked") throw Error(Code::Unavailable, "jwks", error.what(), 60'000);
        if (error.reason() == "token_key") refuse("invalid_key", error.what());
        if (error.reason() == "token_signature") refuse("authentication_failed", error.what());
        throw;
    }
    if (!claims.isObject()) refuse("invalid_request", "its claims are no object");
    const auto text = [&](const char* name) {
        const Json* value = claims.find(name);
        return value != nullptr && value->isString() ? value->str() : std::string();
    };
    if (text("iss") != p_.provider.event_issuer) refuse("invalid_issuer", "it comes from another issuer");
    if (p_.config.client_id.empty() || text("aud") != p_.config.client_id)
        refuse("invalid_audience", "it is meant for another application");
    // Without an expiry: an event stays true. How old one may be bounds how long it must be remembered.
    const std::int64_t signed_at = claims.getInt("iat");
    const Instant now = p_.clock.now();
    if (signed_at > toMillis(now + kSkew) / 1000) refuse("invalid_request", "it is from the future");
    if (signed_at < toMillis(now - kOldest) / 1000) refuse("invalid_request", "it is too old");
    if (text("jti").empty() || text("jti").size() > kMaxJti) refuse("invalid_request", "it has no identifier");
    const Json* events = claims.find("events");
    if (events == nullptr || !events->isObject() || events->members().empty())
        refuse("invalid_request", "it tells of no event");
    return claims;
}

// Every connection of every account with this subject; those that the file picker made know no subject, but share the
// account's id with the user's others.
std::vector<ConnectionRow> SecurityEvents::ofAccount(const std::string& subject) {
    if (subject.empty() || subject.size() > 255) return {};
    std::vector<ConnectionRow> found;
    const auto tenants = p_.database.readSystem("an account may be connected anywhere", [&](storage::SystemTx& tx) {
        return tx.query("SELECT DISTINCT tenant_id FROM connections WHERE provider = ?1", p_.provider.name);
    });
    for (const storage::Row& each : tenants) {
        const TenantId tenant(each.text(0));
        const std::string key = "sub:" + p_.keys.indexKey(tenant, "subject", subject);
        const auto rows = p_.database.read(tenant, [&](storage::Tx& tx) { return listConnections(tx, UserId()); });
        std::set<std::string> accounts;
        for (const ConnectionRow& row : rows)
            if (row.subject_key == key) accounts.insert(row.account_id);
        for (const ConnectionRow& row : rows)
            if (accounts.contains(row.account_id)) found.push_back(row);
    }
    return found;
}

bool SecurityEvents::isNamed(const ConnectionRow& row, const std::string& algorithm, const std::string& name) {
    const auto grant = p_.database.read(row.tenant, [&](storage::Tx& tx) { return findGrant(tx, row.id); });
    if (!grant) return false;
    try {
        const SecretBytes token = p_.grants.openToken(row, *grant);
        return constantTimeEqual(name, algorithm == "prefix" ? prefixOf(token) : doubleHashOf(token));
    } catch (const Error& error) {
        log::error("grant_unreadable", {{"connection", row.id.str()}, {"why", error.what()}});
        return false;
    }
}

std::vector<ConnectionRow> SecurityEvents::ofToken(const Json& subject) {
    const std::string algorithm = subject.getStr("token_identifier_alg"), name = subject.getStr("token");
    const bool by_prefix = algorithm == "prefix";
    if (name.empty() || subject.getStr("token_type") != "refresh_token" ||
        (!by_prefix && algorithm != "hash_base64_sha512_sha512"))
        return {};
    std::vector<ConnectionRow> found;
    const auto tenants = p_.database.readSystem("a token may be anyone's", [&](storage::SystemTx& tx) {
        return tx.query("SELECT DISTINCT tenant_id FROM connections WHERE provider = ?1", p_.provider.name);
    });
    for (const storage::Row& each : tenants) {
        const TenantId tenant(each.text(0));
        const std::string none = "-";  // no key is this short
        const std::string prefix = by_prefix ? p_.grants.prefixKey(tenant, name) : none;
        const std::string hash = by_prefix ? none : p_.grants.hashKey(tenant, name);
        for (const ConnectionId& id :
             p_.database.read(tenant, [&](storage::Tx& tx) { return grantsNamed(tx, prefix, hash); })) {
            const auto row = p_.database.read(tenant, [&](storage::Tx& tx) { return findConnection(tx, id); });
            if (row && isNamed(*row, algorithm, name)) found.push_back(*row);
        }
    }
    return found;
}

// Events come late and in any order; a permission that was given after one is not what it is about.
bool SecurityEvents::isOlder(const ConnectionRow& row, Instant signed_at) {
    const auto grant = p_.database.read(row.tenant, [&](storage::Tx& tx) { return findGrant(tx, row.id); });
    return grant && grant->granted_at <= signed_at + kSkew;
}

std::vector<SecurityEvents::Planned> SecurityEvents::plan(const std::string& type, const Json& event,
                                                          Instant signed_at) {
    if (!type.starts_with(kPrefix) || !event.isObject()) return {};
    const std::string_view name = std::string_view(type).substr(kPrefix.size());
    log::info("security_event", {{"type", std::string(name)}});
    const auto meaning = meanings().find(name);
    const Json* subject = event.find("subject");
    if (meaning == meanings().end() || subject == nullptr || !subject->isObject()) return {};  // "verification" is one
    const bool one_token = name == "oauth/event-type/token-revoked";
    std::vector<Planned> planned;
    for (ConnectionRow& row : one_token ? ofToken(*subject) : ofAccount(subject->getStr("sub")))
        if (meaning->second.kind == "noticed" || isOlder(row, signed_at))
            planned.push_back({std::move(row), meaning->second.kind, meaning->second.detail});
    return planned;
}

std::vector<SecurityEffect> SecurityEvents::carryOut(const std::string& jti, const std::vector<Planned>& planned) {
    return p_.database.writeSystem("one event may concern several tenants", [&](storage::SystemTx& tx) {
        std::vector<SecurityEffect> effects;
        const std::string hash = sha256(jti);
        if (tx.exec("INSERT INTO security_events (tenant_id, jti_hash, received_at) VALUES ('', ?1, ?2) "
                    "ON CONFLICT DO NOTHING",
                    storage::Blob{hash}, p_.clock.now()) == 0)
            return effects;
        for (const Planned& each : planned) {
            storage::Tx own = tx.as(each.row.tenant);
            const auto now = findConnection(own, each.row.id);
            if (!now || now->epoch != each.row.epoch) continue;  // removed or connected again meanwhile
            if (each.kind == "revoked") {
                deleteGrant(own, now->id);
                setConnectionState(own, now->id, state::kRevoked, each.detail);
            } else if (each.kind == "needsReconnect") {
                setConnectionState(own, now->id, state::kNeedsReconnect, each.detail);
            }
            addLog(own, *now, p_.clock.now(), each.kind, each.detail);
            effects.push_back({now->tenant, now->user, now->plugin, now->id, std::string(each.kind), each.detail});
        }
        return effects;
    });
}

std::vector<SecurityEffect> SecurityEvents::receive(std::string_view token, Deadline deadline) {
    const Json claims = verified(token, deadline);
    const Instant signed_at = fromMillis(claims.getInt("iat") * 1000);
    std::vector<Planned> planned;
    for (const auto& [type, event] : claims.at("events").members())
        for (Planned& each : plan(type, event, signed_at)) planned.push_back(std::move(each));
    const std::vector<SecurityEffect> effects = carryOut(claims.str("jti"), planned);
    for (const SecurityEffect& effect : effects)
        if (effect.kind != "noticed") p_.broker.forget(effect.tenant, effect.connection);
    const bool shredded = std::any_of(effects.begin(), effects.end(),
                                      [](const SecurityEffect& effect) { return effect.kind == "revoked"; });
    if (shredded) p_.database.checkpointTruncate();  // the dead tokens' bytes leave the disk too
    return effects;
}

}  // namespace portico::credential
