// SPDX-License-Identifier: Apache-2.0
// Telling the provider that a permission shall end: at once, or by maintenance for at most a day. Thread-safe.
// Invariants: a token kept for revoking can be opened for nothing else; it is not revoked while anyone here uses its
// account, because the provider would end their permissions too, unless the account's owner wants exactly that.
#pragma once

#include "host/credential/accounts.h"
#include "host/credential/token_endpoint.h"

namespace portico::credential {

class Revocations {
public:
    Revocations(const Provider& provider, storage::Database& database, Grants& grants, Accounts& accounts,
                TokenEndpoint& endpoint, const Clock& clock)
        : provider_(provider),
          database_(database),
          grants_(grants),
          accounts_(accounts),
          endpoint_(endpoint),
          clock_(clock) {}

    // The row that keeps a token for revoking, for the caller to insert together with what takes its use away. An empty
    // subject: whoever else uses the account. `receipt` may be empty.
    RevocationRow keep(const TenantId& tenant, const UserId& user, const SecretBytes& token, const std::string& subject,
                       const std::string& receipt);
    // Tells the provider now, at most for five seconds and twice; the row goes when it confirmed, and also when it did
    // not and nobody shall try again. True when it confirmed.
    bool tell(const RevocationRow& row, bool try_again);

    // A token that came too late, or that nobody wants: revoked unless somebody here uses the account.
    void endUnused(const TenantId& tenant, const UserId& user, const Account& account, const SecretBytes& token);

    // Tells the provider of what it could not be told before. Called by maintenance.
    void retry();

private:
    enum class Outcome { Confirmed, Unreachable, UsedAgain };
    void settle(const RevocationRow& row, Outcome outcome);

    const Provider& provider_;
    storage::Database& database_;
    Grants& grants_;
    Accounts& accounts_;
    TokenEndpoint& endpoint_;
    const Clock& clock_;
};

}  // namespace portico::credential
