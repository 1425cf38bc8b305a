// SPDX-License-Identifier: Apache-2.0
// Sealing and opening what belongs to a connection: its refresh token or its "user:password", and the account it is of.
// Ties rows (store.h) to keys (keys.h). Thread-safe. Call outside of database closures: a tenant's first key is written
// on the way.
#pragma once

#include "host/credential/keys.h"
#include "host/credential/ledger.h"
#include "host/credential/store.h"

namespace portico::credential {

struct Account {
    std::string subject;  // the provider's id of the account; empty when only the file picker named it
    std::string email;
};

// A token on its way out. With the account's id when it must not be revoked while somebody here uses the account.
struct EndedToken {
    SecretBytes token;
    std::string subject;
};

// What a consent brought that waits for the user's word.
struct HeldGrant {
    SecretBytes token;
    Account account;
    std::vector<std::string> granted;  // canonical and sorted
    std::optional<Instant> ends_at;    // time-limited consent
    std::string client_id;             // whom the consent was given to
};

// What a provider calls a refresh token in a security event: its first 16 characters, or the base64 of its SHA-512
// hashed with SHA-512 again.
std::string prefixOf(const SecretBytes& refresh_token);
std::string doubleHashOf(const SecretBytes& refresh_token);

class Grants {
public:
    Grants(KeyRing& keys, Ledger& ledger) : keys_(keys), ledger_(ledger) {}

    // A new grant under a new connection key; `row.granted` and `row.subject_key` must be final.
    GrantRow seal(const ConnectionRow& row, const SecretBytes& refresh_token, std::int64_t epoch, Instant now);
    // The grant with that token under the grant's own key, for the version after `grant`.
    GrantRow reseal(const ConnectionRow& row, GrantRow grant, const SecretBytes& refresh_token);
    // Throws Denied "record_refused" when anything about the row or the grant was tampered with, "record_old" when it
    // is not the newest of its connection.
    SecretBytes openToken(const ConnectionRow& row, const GrantRow& grant);
    // An old one as well: whatever it still is at the provider shall end.
    SecretBytes openToRevoke(const ConnectionRow& row, const GrantRow& grant);
    // The grant is stored: older ones of the connection are refused from now on.
    void stored(const ConnectionRow& row, std::int64_t version);

    // How a provider names a refresh token without telling it, as this tenant's index has it.
    std::string prefixKey(const TenantId& tenant, std::string_view prefix);
    std::string hashKey(const TenantId& tenant, std::string_view hash);

    std::string sealAccount(const ConnectionRow& row, const Account& account);
    Account openAccount(const ConnectionRow& row);

    // For a token that may only be revoked any more.
    std::string sealRevocation(const TenantId& tenant, const UserId& user, const std::string& id,
                               const EndedToken& ended);
    EndedToken openRevocation(const RevocationRow& row);

    // For a permission whose account the user has not yet agreed to.
    std::string sealPending(const PendingRow& row, const HeldGrant& held);
    HeldGrant openPending(const PendingRow& row);

private:
    Binding binding(std::string_view purpose, const ConnectionRow& row) const;
    void index(const ConnectionRow& row, GrantRow& grant, const SecretBytes& refresh_token);
    Key revocationKey(const TenantId& tenant);
    Binding pendingBinding(const PendingRow& row) const;

    KeyRing& keys_;
    Ledger& ledger_;
};

}  // namespace portico::credential
