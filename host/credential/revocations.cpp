// SPDX-License-Identifier: Apache-2.0
#include "host/credential/revocations.h"

#include <algorithm>

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kInlineBudget = 5s;
constexpr int kInlineTries = 2;
constexpr auto kRetryFor = 24h;

}  // namespace

RevocationRow Revocations::keep(const TenantId& tenant, const UserId& user, const SecretBytes& token,
                                const std::string& subject, const std::string& receipt) {
    const Instant now = clock_.now();
    RevocationRow row{tenant, newId(), user, provider_.name, receipt, "", 0, now + 1min, now + kRetryFor};
    row.sealed = grants_.sealRevocation(tenant, user, row.id, {token.clone(), subject});
    return row;
}

bool Revocations::tell(const RevocationRow& row, bool try_again) {
    const SecretBytes token = grants_.openRevocation(row).token;
    const Deadline deadline = Deadline::in(kInlineBudget);
    bool confirmed = false;
    for (int i = 0; i < kInlineTries && !confirmed && !deadline.passed(); ++i)
        confirmed = endpoint_.revoke(token, deadline);
    if (confirmed || !try_again) settle(row, confirmed ? Outcome::Confirmed : Outcome::Unreachable);
    return confirmed;
}

void Revocations::endUnused(const TenantId& tenant, const UserId& user, const Account& account,
                            const SecretBytes& token) {
    if (accounts_.isUsed(account) || endpoint_.revoke(token, Deadline::in(kInlineBudget))) return;
    RevocationRow row = keep(tenant, user, token, account.subject, "");
    row.next_at = clock_.now();
    database_.write(tenant, [&](storage::Tx& tx) { insertRevocation(tx, row); });
}

// The provider knows, or will never be told by us: the token goes.
void Revocations::settle(const RevocationRow& row, Outcome outcome) {
    const bool confirmed = outcome == Outcome::Confirmed;
    const char* revoked = confirmed ? "confirmed" : outcome == Outcome::Unreachable ? "unreachable" : "sharedHere";
    const std::string what =
        confirmed ? provider_.title + " confirmed that the permission has ended"
        : outcome == Outcome::Unreachable
            ? provider_.title + " could not be told; remove the access at myaccount.google.com/permissions"
            : "the account was connected again here before " + provider_.title + " could be told, so it was left alone";
    database_.write(row.tenant, [&](storage::Tx& tx) {
        deleteRevocation(tx, row.id);
        tx.exec("UPDATE receipts SET revoked = ?2 WHERE tenant_id = :tenant AND number = ?1", row.receipt, revoked);
        ConnectionRow subject;
        subject.user = row.user;
        addLog(tx, subject, clock_.now(), confirmed ? "revokeConfirmed" : "revokeUnconfirmed",
               what + (row.receipt.empty() ? "" : ", receipt " + row.receipt));
    });
}

void Revocations::retry() {
    const Instant now = clock_.now();
    const auto due = database_.readSystem("revocations of all tenants are retried together",
                                          [&](storage::SystemTx& tx) { return dueRevocations(tx, now); });
    bool settled = false;
    for (const RevocationRow& row : due) {
        std::optional<Outcome> outcome;
        if (row.expires_at <= now) {
            outcome = Outcome::Unreachable;
        } else {
            const EndedToken ended = grants_.openRevocation(row);
            if (!ended.subject.empty() && accounts_.isUsed({ended.subject, ""}))
                outcome = Outcome::UsedAgain;
            else if (endpoint_.revoke(ended.token, Deadline::in(kInlineBudget)))
                outcome = Outcome::Confirmed;
        }
        if (outcome) {
            settle(row, *outcome);
            settled = true;
            continue;
        }
        const Millis wait = std::min<Millis>(1h, 1min * (std::int64_t{1} << std::min<std::int64_t>(row.attempts, 6)));
        database_.write(row.tenant, [&](storage::Tx& tx) {
            tx.exec(
                "UPDATE pending_revocations SET attempts = attempts + 1, next_at = ?2 WHERE tenant_id = :tenant AND id "
                "= ?1",
                row.id, now + wait);
        });
    }
    if (settled) database_.checkpointTruncate();
}

}  // namespace portico::credential
