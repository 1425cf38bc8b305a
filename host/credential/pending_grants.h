// SPDX-License-Identifier: Apache-2.0
// "Connect a different account?": what a consent brought when somebody else signed in than the connection belongs to.
// Thread-safe.
// Invariants: only the user in the browser session that began can see or settle it, once, within ten minutes; nothing
// is connected before; what is not wanted, or not answered, is deleted here and ended at the provider.
#pragma once

#include "host/credential/revocations.h"

namespace portico::credential {

class PendingGrants {
public:
    PendingGrants(storage::Database& database, Grants& grants, Revocations& revocations, const Clock& clock)
        : database_(database), grants_(grants), revocations_(revocations), clock_(clock) {}

    // The id under which it waits. An earlier one of the same browser for the same plugin is discarded.
    std::string hold(const TransactionRow& transaction, const HeldGrant& held);

    std::vector<PendingGrant> list(const PendingRequest& request);

    struct Taken {
        PendingRow row;
        HeldGrant held;
    };
    // Takes it out, for good. NotFound "pending_over" when it is settled, too old, or another browser's.
    Taken take(const PendingRequest& request);
    // Deletes it, and ends it at the provider unless somebody here uses the account.
    void discard(const PendingRequest& request);

    // By maintenance: what nobody answered.
    void discardExpired();
    // All of one user's, wherever they began.
    void discardOf(const TenantId& tenant, const UserId& user);

private:
    std::vector<PendingRow> of(const PendingRequest& request);
    void end(const PendingRow& row);

    storage::Database& database_;
    Grants& grants_;
    Revocations& revocations_;
    const Clock& clock_;
};

}  // namespace portico::credential
