// SPDX-License-Identifier: Apache-2.0
#include "host/credential/security_events.h"

#include <algorithm>
#include <set>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {

SecurityEventToken SecurityEvents::verified(std::string_view token, Deadline deadline) {
    Json claims;
    try {
        claims = p_.provider_keys.verify(token, deadline);
    } catch (const Error& error) {
        if (error.reason() == "token_unreadable") refuseSecurityEvent("invalid_request", error.what());
        // Perhaps a new key: the sender is asked to come again rather than told that it is wrong.
        if (error.reason() == "token_key_unasked") throw Error(Code::Unavailable, "jwks", error.what(), 60'000);
        if (error.reason() == "token_key") refuseSecurityEvent("invalid_key", error.what());
        if (error.reason() == "token_signature") refuseSecurityEvent("authentication_failed", error.what());
        throw;
    }
    return readSecurityEventToken(claims, p_.provider, p_.clients.current()->id, p_.clock.now());
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

std::vector<ConnectionRow> SecurityEvents::ofToken(const std::string& algorithm, const std::string& name) {
    const bool by_prefix = algorithm == "prefix";
    std::vector<ConnectionRow> found;
    for (const TenantId& tenant : p_.accounts.tenants()) {
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
    return grant && grant->granted_at <= signed_at + kSecurityEventSkew;
}

std::vector<SecurityEvents::Planned> SecurityEvents::plan(const SecurityEvent& event, Instant signed_at) {
    std::vector<Planned> planned;
    for (ConnectionRow& row : event.account.empty() ? ofToken(event.token_algorithm, event.token)
                                                    : p_.accounts.connectionsOf({event.account, ""}))
        if (event.kind == "noticed" || isOlder(row, signed_at))
            planned.push_back({std::move(row), event.kind, event.detail});
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
    const SecurityEventToken said = verified(token, deadline);
    std::vector<Planned> planned;
    for (const SecurityEvent& event : said.events)
        for (Planned& each : plan(event, said.signed_at)) planned.push_back(std::move(each));
    const std::vector<SecurityEffect> effects = carryOut(said.id, planned);
    for (const SecurityEffect& effect : effects)
        if (effect.kind != "noticed") p_.broker.forget(effect.tenant, effect.connection);
    const bool shredded = std::any_of(effects.begin(), effects.end(),
                                      [](const SecurityEffect& effect) { return effect.kind == "revoked"; });
    if (shredded) p_.database.checkpointTruncate();  // the dead tokens' bytes leave the disk too
    return effects;
}

}  // namespace portico::credential
