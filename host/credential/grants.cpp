// SPDX-License-Identifier: Apache-2.0
#include "host/credential/grants.h"

#include <openssl/evp.h>

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/aead.h"

namespace portico::credential {

Binding Grants::binding(std::string_view purpose, const ConnectionRow& row) const {
    Binding binding;
    binding.purpose = purpose;
    binding.installation = keys_.installation();
    binding.tenant = row.tenant.str();
    binding.user = row.user.str();
    binding.connection = row.id.str();
    // With its server, so that a row cannot be made to send its password elsewhere.
    binding.provider = row.server.empty() ? row.provider : row.provider + " " + row.server;
    binding.subject = row.subject_key;
    return binding;
}

namespace {

// A password never opens as a refresh token, nor the other way round.
std::string_view purposeOf(const ConnectionRow& row) {
    return row.server.empty() ? purpose::kRefreshToken : purpose::kPassword;
}

void bindToken(Binding& binding, const ConnectionRow& row, std::int64_t version) {
    binding.scopes = scopesDigest(row.granted);
    binding.version = static_cast<std::uint64_t>(version);
}

std::string sha512(std::string_view bytes) {
    std::string digest(64, '\0');
    std::size_t size = digest.size();
    if (EVP_Q_digest(nullptr, "SHA512", nullptr, bytes.data(), bytes.size(),
                     reinterpret_cast<unsigned char*>(digest.data()), &size) != 1)
        throw Error(Code::Internal, "sha512", "this machine's OpenSSL has no SHA-512");
    return digest;
}

}  // namespace

std::string prefixOf(const SecretBytes& refresh_token) { return std::string(refresh_token.reveal().substr(0, 16)); }

std::string doubleHashOf(const SecretBytes& refresh_token) { return toBase64(sha512(sha512(refresh_token.reveal()))); }

std::string Grants::prefixKey(const TenantId& tenant, std::string_view prefix) {
    return keys_.indexKey(tenant, "token-prefix", prefix);
}

std::string Grants::hashKey(const TenantId& tenant, std::string_view hash) {
    return keys_.indexKey(tenant, "token-hash", hash);
}

void Grants::index(const ConnectionRow& row, GrantRow& grant, const SecretBytes& refresh_token) {
    if (!row.server.empty()) return;  // of a password nobody sends events
    grant.prefix_key = prefixKey(row.tenant, prefixOf(refresh_token));
    grant.hash_key = hashKey(row.tenant, doubleHashOf(refresh_token));
}

GrantRow Grants::seal(const ConnectionRow& row, const SecretBytes& refresh_token, std::int64_t epoch, Instant now) {
    KeyRing::Fresh fresh = keys_.makeConnectionKey(row.tenant, row.user.str(), row.id);
    Binding place = binding(purposeOf(row), row);
    GrantRow grant;
    grant.epoch = epoch;
    grant.version = ledger_.version(row.tenant, row.id) + 1;
    bindToken(place, row, grant.version);
    grant.key_sealed = std::move(fresh.sealed);
    grant.token_sealed = credential::seal(fresh.key, place, refresh_token.reveal());
    grant.granted_at = grant.refreshed_at = now;
    index(row, grant, refresh_token);
    return grant;
}

GrantRow Grants::reseal(const ConnectionRow& row, GrantRow grant, const SecretBytes& refresh_token) {
    Binding place = binding(purposeOf(row), row);
    bindToken(place, row, grant.version + 1);
    const Key key = keys_.openConnectionKey(row.tenant, row.user.str(), row.id, grant.key_sealed);
    grant.token_sealed = credential::seal(key, place, refresh_token.reveal());
    index(row, grant, refresh_token);
    return grant;
}

SecretBytes Grants::openToken(const ConnectionRow& row, const GrantRow& grant) {
    SecretBytes token = openToRevoke(row, grant);
    if (grant.version < ledger_.version(row.tenant, row.id))
        throw Error(Code::Denied, "record_old",
                    "this connection's permission was put back from an older copy of the database: connect it again");
    stored(row, grant.version);
    return token;
}

void Grants::stored(const ConnectionRow& row, std::int64_t version) {
    try {
        ledger_.add({{row.tenant, row.id, version}});
    } catch (const Error& error) {
        // The database has it, and the next start looks there.
        log::error("ledger_not_written", {{"why", error.what()}});
    }
}

SecretBytes Grants::openToRevoke(const ConnectionRow& row, const GrantRow& grant) {
    Binding place = binding(purposeOf(row), row);
    bindToken(place, row, grant.version);
    return open(keys_.openConnectionKey(row.tenant, row.user.str(), row.id, grant.key_sealed), place,
                grant.token_sealed);
}

std::string Grants::sealAccount(const ConnectionRow& row, const Account& account) {
    const std::string plain = Json::object({{"sub", account.subject}, {"email", account.email}}).dump();
    return credential::seal(keys_.tenantKey(row.tenant), binding(purpose::kAccount, row), plain);
}

Account Grants::openAccount(const ConnectionRow& row) {
    const SecretBytes plain = open(keys_.tenantKey(row.tenant), binding(purpose::kAccount, row), row.account_sealed);
    const Json json = Json::parse(plain.reveal());
    return {json.str("sub"), json.str("email")};
}

Key Grants::revocationKey(const TenantId& tenant) {
    Key key = keys_.tenantKey(tenant);
    key.secret = hkdf(key.secret.reveal(), "", "portico-vault/v1/revocation", 32);
    return key;
}

std::string Grants::sealRevocation(const TenantId& tenant, const UserId& user, const std::string& id,
                                   const EndedToken& ended) {
    Binding place;
    place.purpose = purpose::kRevocationOnly;
    place.installation = keys_.installation();
    place.tenant = tenant.str();
    place.user = user.str();
    place.connection = id;
    std::string plain(ended.token.reveal());
    if (!ended.subject.empty()) plain += '\n' + ended.subject;  // no token has a line break
    std::string sealed = credential::seal(revocationKey(tenant), place, plain);
    wipe(plain);
    return sealed;
}

EndedToken Grants::openRevocation(const RevocationRow& row) {
    Binding place;
    place.purpose = purpose::kRevocationOnly;
    place.installation = keys_.installation();
    place.tenant = row.tenant.str();
    place.user = row.user.str();
    place.connection = row.id;
    const SecretBytes plain = open(revocationKey(row.tenant), place, row.sealed);
    const std::string_view text = plain.reveal();
    const std::size_t end = std::min(text.find('\n'), text.size());
    return {SecretBytes(text.substr(0, end)), std::string(text.substr(std::min(end + 1, text.size())))};
}

Binding Grants::pendingBinding(const PendingRow& row) const {
    Binding place;
    place.purpose = purpose::kPendingGrant;
    place.installation = keys_.installation();
    place.tenant = row.tenant.str();
    place.user = row.user.str();
    place.connection = row.id;
    place.subject = row.plugin.str() + " " + row.connection_name;
    return place;
}

std::string Grants::sealPending(const PendingRow& row, const HeldGrant& held) {
    Json granted = Json::array();
    for (const std::string& scope : held.granted) granted.push(scope);
    Json ends_at(nullptr);
    if (held.ends_at) ends_at = Json(toMillis(*held.ends_at));
    std::string plain = Json::object({{"token", std::string(held.token.reveal())},
                                      {"sub", held.account.subject},
                                      {"email", held.account.email},
                                      {"granted", std::move(granted)},
                                      {"ends_at", std::move(ends_at)},
                                      {"client_id", held.client_id}})
                            .dump();
    std::string sealed = credential::seal(keys_.tenantKey(row.tenant), pendingBinding(row), plain);
    wipe(plain);
    return sealed;
}

HeldGrant Grants::openPending(const PendingRow& row) {
    const SecretBytes plain = open(keys_.tenantKey(row.tenant), pendingBinding(row), row.sealed);
    const Json json = Json::parse(plain.reveal());
    HeldGrant held{SecretBytes(json.str("token")), {json.str("sub"), json.str("email")}, {}, {}, json.str("client_id")};
    for (const Json& scope : json.at("granted").items()) held.granted.push_back(scope.str());
    if (!json.at("ends_at").isNull()) held.ends_at = fromMillis(json.integer("ends_at"));
    return held;
}

}  // namespace portico::credential
