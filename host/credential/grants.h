// SPDX-License-Identifier: Apache-2.0
// Sealing and opening what belongs to a connection: its refresh token or its "user:password", and the account it is of.
// Ties rows (store.h) to keys (keys.h). Thread-safe. Call outside of database closures: a tenant's first key is written
// on the way.
#pragma once

#include "host/credential/keys.h"
#include "host/credential/store.h"

namespace portico::credential {

struct Account {
    std::string subject;  // the provider's id of the account; empty when only the file picker named it
    std::string email;
};

class Grants {
public:
    explicit Grants(KeyRing& keys) : keys_(keys) {}

    // A new grant under a new connection key; `row.granted` and `row.subject_key` must be final.
    GrantRow seal(const ConnectionRow& row, const SecretBytes& refresh_token, std::int64_t epoch, Instant now);
    // The token again under the grant's own key, as the version after `grant`.
    std::string reseal(const ConnectionRow& row, const GrantRow& grant, const SecretBytes& refresh_token);
    // Throws Denied "record_refused" when anything about the row or the grant was tampered with.
    SecretBytes openToken(const ConnectionRow& row, const GrantRow& grant);

    std::string sealAccount(const ConnectionRow& row, const Account& account);
    Account openAccount(const ConnectionRow& row);

    // For a token that may only be revoked any more.
    std::string sealRevocation(const TenantId& tenant, const UserId& user, const std::string& id,
                               const SecretBytes& token);
    SecretBytes openRevocation(const RevocationRow& row);

private:
    Binding binding(std::string_view purpose, const ConnectionRow& row) const;
    Key revocationKey(const TenantId& tenant);

    KeyRing& keys_;
};

}  // namespace portico::credential
