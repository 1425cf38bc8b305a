// SPDX-License-Identifier: Apache-2.0
#include "host/credential/disconnector.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kInlineBudget = 5s;
constexpr int kInlineTries = 2;
constexpr auto kRetryFor = 24h;

// "R-20261121-7F3A09C4": readable over the telephone, not guessable.
std::string receiptNumber(Instant now) {
    std::string random = toHex(randomBytes(4));
    std::transform(random.begin(), random.end(), random.begin(), [](unsigned char c) { return std::toupper(c); });
    const std::string date = formatInstant(now);
    return "R-" + date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2) + "-" + random;
}

std::string removedText(const Receipt& receipt) {
    Json list = Json::array();
    for (const RemovedConnection& item : receipt.removed)
        list.push(Json::object({{"connection", item.connection.str()}, {"plugin", item.plugin.str()}}));
    return list.dump();
}

}  // namespace

bool Disconnector::isOf(const ConnectionRow& row, const std::string& account) {
    if (!row.server.empty()) return false;  // a user name may look like the e-mail address of another account
    if (account.empty() || row.account_id == account) return !account.empty();
    try {
        return grants_.openAccount(row).email == account;
    } catch (const Error&) {
        return false;  // a damaged row can still be removed by its id
    }
}

Disconnector::Plan Disconnector::plan(const DisconnectRequest& request) {
    const auto all = database_.read(request.tenant, [&](storage::Tx& tx) { return listConnections(tx, request.user); });
    Plan plan;
    for (const ConnectionRow& row : all)
        if (row.id == request.connection || isOf(row, request.account)) plan.remove.push_back(row);
    if (plan.remove.empty()) throw Error(Code::NotFound, "no_connection", "there is no such connection to remove");
    const auto removed = [&](const ConnectionRow& row) {
        return std::any_of(plan.remove.begin(), plan.remove.end(),
                           [&](const ConnectionRow& gone) { return gone.id == row.id; });
    };
    plan.shared = std::any_of(all.begin(), all.end(), [&](const ConnectionRow& row) {
        return !removed(row) && row.epoch != 0 && row.account_id == plan.remove.front().account_id;
    });
    if (plan.shared) return plan;
    for (const ConnectionRow& row : plan.remove) {
        if (!row.server.empty()) continue;
        const auto grant = database_.read(request.tenant, [&](storage::Tx& tx) { return findGrant(tx, row.id); });
        if (!grant) continue;
        try {
            plan.token = grants_.openToRevoke(row, *grant);
            break;
        } catch (const Error& error) {
            // A record that does not open must not keep its owner from removing it.
            log::error("grant_unreadable", {{"connection", row.id.str()}, {"why", error.what()}});
        }
    }
    return plan;
}

bool Disconnector::commit(const Plan& plan, const Receipt& receipt, const std::optional<RevocationRow>& pending,
                          const UserId& user) {
    return database_.write(plan.remove.front().tenant, [&](storage::Tx& tx) {
        // Someone else may have connected or removed in between: then the plan is made again.
        for (const ConnectionRow& row : plan.remove) {
            const auto now = findConnection(tx, row.id);
            if (!now || now->epoch != row.epoch) return false;
        }
        bool shared = false;
        for (const ConnectionRow& other : listConnections(tx, user)) {
            const bool going = std::any_of(plan.remove.begin(), plan.remove.end(),
                                           [&](const auto& row) { return row.id == other.id; });
            shared |= !going && other.epoch != 0 && other.account_id == plan.remove.front().account_id;
        }
        if (shared != plan.shared) return false;
        for (const ConnectionRow& row : plan.remove) {
            deleteConnection(tx, row.id, receipt.at);
            addLog(tx, row, receipt.at, "disconnected", "removed by its owner, receipt " + receipt.number);
        }
        if (pending) insertRevocation(tx, *pending);
        tx.exec(
            "INSERT INTO receipts (tenant_id, number, user_id, at, removed, revoked) VALUES (:tenant, ?1, ?2, ?3, ?4, "
            "?5)",
            receipt.number, user, receipt.at, removedText(receipt), receipt.revoked);
        return true;
    });
}

Receipt Disconnector::disconnect(const DisconnectRequest& request) {
    if (request.user.empty() || request.connection.empty() == request.account.empty())
        throw Error(Code::Invalid, "disconnect", "disconnecting needs a user and either a connection or an account");
    Receipt receipt;
    receipt.at = clock_.now();
    receipt.number = receiptNumber(receipt.at);
    std::optional<RevocationRow> pending;
    Plan plan;
    do {
        plan = this->plan(request);
        receipt.removed.clear();
        for (const ConnectionRow& row : plan.remove) receipt.removed.push_back({row.id, row.plugin});
        const bool by_password = !plan.remove.front().server.empty();  // then it is the only one
        receipt.revoked = by_password ? "nothing" : plan.shared ? "shared" : plan.token ? "pending" : "confirmed";
        pending.reset();
        if (plan.token) {
            pending = RevocationRow{
                request.tenant,        newId(), request.user, provider_.name, receipt.number, "", 0, receipt.at + 1min,
                receipt.at + kRetryFor};
            pending->sealed = grants_.sealRevocation(request.tenant, request.user, pending->id, *plan.token);
        }
    } while (!commit(plan, receipt, pending, request.user));
    for (const ConnectionRow& row : plan.remove) {
        broker_.forget(row.tenant, row.id);
        leases_.endIf([&](const LeaseRequest& lease) { return lease.connection == row.id; });
    }
    rememberErased(plan);
    if (pending) {
        bool confirmed = false;
        const Deadline deadline = Deadline::in(kInlineBudget);
        for (int i = 0; i < kInlineTries && !confirmed && !deadline.passed(); ++i)
            confirmed = endpoint_.revoke(*plan.token, deadline);
        if (confirmed || !request.retry_revoking) settle(*pending, confirmed);
        receipt.revoked = confirmed ? "confirmed" : request.retry_revoking ? "pending" : "unreachable";
    }
    database_.checkpointTruncate();  // the shredded keys' bytes leave the disk with the commit, not some day
    return receipt;
}

// The provider knows, or will never be told by us: the token goes.
void Disconnector::settle(const RevocationRow& row, bool confirmed) {
    database_.write(row.tenant, [&](storage::Tx& tx) {
        deleteRevocation(tx, row.id);
        tx.exec("UPDATE receipts SET revoked = ?2 WHERE tenant_id = :tenant AND number = ?1", row.receipt,
                confirmed ? "confirmed" : "unreachable");
        ConnectionRow subject;
        subject.user = row.user;
        addLog(tx, subject, clock_.now(), confirmed ? "revokeConfirmed" : "revokeUnconfirmed",
               (confirmed
                    ? provider_.title + " confirmed that the permission has ended"
                    : provider_.title + " could not be told; remove the access at myaccount.google.com/permissions") +
                   (row.receipt.empty() ? "" : ", receipt " + row.receipt));
    });
}

void Disconnector::retryRevocations() {
    const Instant now = clock_.now();
    const auto due = database_.readSystem("revocations of all tenants are retried together",
                                          [&](storage::SystemTx& tx) { return dueRevocations(tx, now); });
    bool settled = false;
    for (const RevocationRow& row : due) {
        const bool expired = row.expires_at <= now;
        const bool confirmed = !expired && endpoint_.revoke(grants_.openRevocation(row), Deadline::in(kInlineBudget));
        if (confirmed || expired) {
            settle(row, confirmed);
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

// A file that cannot be written must not keep the provider from being told; the tombstone is in the database.
void Disconnector::rememberErased(const Plan& plan) {
    std::vector<Ledger::Entry> gone;
    for (const ConnectionRow& row : plan.remove) gone.push_back({row.tenant, row.id, Ledger::kRemoved});
    try {
        ledger_.add(gone);
    } catch (const Error& error) {
        log::error("ledger_not_written", {{"why", error.what()}});
    }
}

}  // namespace portico::credential
