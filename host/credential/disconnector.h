// SPDX-License-Identifier: Apache-2.0
// Taking access away: locally while the account is in use here, by the user's other plugins or by another person (the
// provider would end theirs too), at the provider with the last one or when the account's owner wants it for everyone.
// A password is only erased: no provider keeps a permission to end. Thread-safe. Invariants: after the first commit no
// call is possible any more and what is under way ends, whatever happens next; a removed connection leaves a tombstone
// here and in the ledger; who else uses an account is never told.
#pragma once

#include "host/credential/leases.h"
#include "host/credential/token_broker.h"

namespace portico::credential {

class Disconnector {
public:
    Disconnector(storage::Database& database, Grants& grants, Ledger& ledger, Accounts& accounts,
                 Revocations& revocations, TokenBroker& broker, Leases& leases, const Clock& clock)
        : database_(database),
          grants_(grants),
          ledger_(ledger),
          accounts_(accounts),
          revocations_(revocations),
          broker_(broker),
          leases_(leases),
          clock_(clock) {}

    Receipt disconnect(const DisconnectRequest& request);
    // Whether another person has a permission of the same account.
    bool isShared(const TenantId& tenant, const ConnectionId& id);

private:
    // Who keeps the account when these connections are gone: then it is not revoked.
    enum class Keeper { Nobody, Own, Others };
    struct Plan {
        std::vector<ConnectionRow> remove;
        Accounts::Marks marks;
        Keeper keeper = Keeper::Nobody;
        std::optional<SecretBytes> token;  // what to revoke
        std::string subject;               // of the account, where it is known
    };
    Plan plan(const DisconnectRequest& request);
    std::optional<Keeper> keeper(storage::SystemTx& tx, const Plan& plan);
    bool isOf(const ConnectionRow& row, const std::string& account);
    std::optional<Account> accountOf(const std::vector<ConnectionRow>& rows);
    std::optional<SecretBytes> tokenOf(const std::vector<ConnectionRow>& rows);
    bool commit(const Plan& plan, const Receipt& receipt, const std::optional<RevocationRow>& pending,
                const UserId& user);
    void rememberErased(const Plan& plan);

    storage::Database& database_;
    Grants& grants_;
    Ledger& ledger_;
    Accounts& accounts_;
    Revocations& revocations_;
    TokenBroker& broker_;
    Leases& leases_;
    const Clock& clock_;
};

}  // namespace portico::credential
