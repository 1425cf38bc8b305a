// SPDX-License-Identifier: Apache-2.0
// Taking access away: locally while the user's other plugins use the same account (the provider would end theirs too),
// at the provider with the last one. A password is only erased: no provider keeps a permission to end. Thread-safe.
// Invariants: after the first commit no call is possible any more and what is under way ends, whatever happens next; a
// removed connection leaves a tombstone here and in the ledger; a token kept for revoking can be opened for nothing
// else and lives 24 hours at most.
#pragma once

#include "host/credential/leases.h"
#include "host/credential/token_broker.h"

namespace portico::credential {

class Disconnector {
public:
    Disconnector(const Provider& provider, storage::Database& database, Grants& grants, Ledger& ledger,
                 TokenEndpoint& endpoint, TokenBroker& broker, Leases& leases, const Clock& clock)
        : provider_(provider),
          database_(database),
          grants_(grants),
          ledger_(ledger),
          endpoint_(endpoint),
          broker_(broker),
          leases_(leases),
          clock_(clock) {}

    Receipt disconnect(const DisconnectRequest& request);

    // Tells the provider of what it could not be told before. Called by maintenance.
    void retryRevocations();

private:
    struct Plan {
        std::vector<ConnectionRow> remove;
        bool shared = false;               // another plugin of the user keeps the account
        std::optional<SecretBytes> token;  // what to revoke
    };
    Plan plan(const DisconnectRequest& request);
    bool isOf(const ConnectionRow& row, const std::string& account);
    bool commit(const Plan& plan, const Receipt& receipt, const std::optional<RevocationRow>& pending,
                const UserId& user);
    void rememberErased(const Plan& plan);
    void settle(const RevocationRow& row, bool confirmed);

    const Provider& provider_;
    storage::Database& database_;
    Grants& grants_;
    Ledger& ledger_;
    TokenEndpoint& endpoint_;
    TokenBroker& broker_;
    Leases& leases_;
    const Clock& clock_;
};

}  // namespace portico::credential
