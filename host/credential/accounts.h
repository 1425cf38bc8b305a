// SPDX-License-Identifier: Apache-2.0
// Which connections are to the same account at the provider, also where other users and tenants made them: any token of
// an account that is revoked ends them all. Each tenant's index knows an account by an HMAC under a secret of its own,
// so nothing that is stored says that two tenants share one; whoever has the account in hand asks tenant by tenant.
// Thread-safe.
#pragma once

#include <map>
#include <optional>

#include "host/credential/grants.h"
#include "host/credential/providers/provider.h"

namespace portico::credential {

// An account in one tenant's index.
struct AccountMark {
    std::string subject_key, email_key;  // empty when the provider's id, or the e-mail, is not known
};

// The same account? By the provider's id where both have one; the file picker gives none, so then by e-mail.
bool sameAccount(const ConnectionRow& row, const AccountMark& mark);

class Accounts {
public:
    Accounts(const Provider& provider, storage::Database& database, KeyRing& keys)
        : provider_(provider), database_(database), keys_(keys) {}

    // Those that have connections to the provider: what arrives without a tenant is looked for in each.
    std::vector<TenantId> tenants();
    AccountMark mark(const TenantId& tenant, const Account& account);

    // The account in the index of every tenant that has connections; made outside of transactions.
    using Marks = std::map<TenantId, AccountMark>;
    Marks marks(const Account& account);
    // Everyone's connections to it. Nothing when a tenant came meanwhile that the marks do not know.
    std::optional<std::vector<ConnectionRow>> find(storage::SystemTx& tx, const Marks& marks);
    std::vector<ConnectionRow> connectionsOf(const Account& account);
    // Whether anyone still has a permission of the account.
    bool isUsed(const Account& account);

private:
    const Provider& provider_;
    storage::Database& database_;
    KeyRing& keys_;
};

}  // namespace portico::credential
