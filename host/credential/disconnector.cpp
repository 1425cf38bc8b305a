// SPDX-License-Identifier: Apache-2.0
#include "host/credential/disconnector.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {
namespace {

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

std::optional<Account> Disconnector::accountOf(const std::vector<ConnectionRow>& rows) {
    std::optional<Account> found;
    for (const ConnectionRow& row : rows) {
        try {
            Account account = grants_.openAccount(row);
            if (!found || found->subject.empty()) found = std::move(account);
        } catch (const Error& error) {
            // A record that does not open must not keep its owner from removing it.
            log::error("account_unreadable", {{"connection", row.id.str()}, {"why", error.what()}});
        }
    }
    return found;
}

std::optional<SecretBytes> Disconnector::tokenOf(const std::vector<ConnectionRow>& rows) {
    for (const ConnectionRow& row : rows) {
        if (!row.server.empty()) continue;
        const auto grant = database_.read(row.tenant, [&](storage::Tx& tx) { return findGrant(tx, row.id); });
        if (!grant) continue;
        try {
            return grants_.openToRevoke(row, *grant);
        } catch (const Error& error) {
            log::error("grant_unreadable", {{"connection", row.id.str()}, {"why", error.what()}});
        }
    }
    return std::nullopt;
}

// Nothing when the marks do not know every tenant any more.
std::optional<Disconnector::Keeper> Disconnector::keeper(storage::SystemTx& tx, const Plan& plan) {
    const ConnectionRow& first = plan.remove.front();
    if (!first.server.empty()) return Keeper::Nobody;  // a password is nobody else's
    auto all = accounts_.find(tx, plan.marks);
    if (!all) return std::nullopt;
    // The user's own are known by the account's id as well, even where the account itself cannot be read any more.
    storage::Tx own = tx.as(first.tenant);
    for (ConnectionRow& row : listConnections(own, first.user))
        if (row.account_id == first.account_id) all->push_back(std::move(row));
    Keeper keeper = Keeper::Nobody;
    for (const ConnectionRow& row : *all) {
        const bool going = std::any_of(plan.remove.begin(), plan.remove.end(), [&](const ConnectionRow& gone) {
            return gone.id == row.id && gone.tenant == row.tenant;
        });
        if (going || row.epoch == 0) continue;
        if (row.tenant == first.tenant && row.user == first.user) return Keeper::Own;
        keeper = Keeper::Others;
    }
    return keeper;
}

Disconnector::Plan Disconnector::plan(const DisconnectRequest& request) {
    const auto all = database_.read(request.tenant, [&](storage::Tx& tx) { return listConnections(tx, request.user); });
    Plan plan;
    for (const ConnectionRow& row : all)
        if (row.id == request.connection || isOf(row, request.account)) plan.remove.push_back(row);
    if (plan.remove.empty()) throw Error(Code::NotFound, "no_connection", "there is no such connection to remove");
    const bool by_password = !plan.remove.front().server.empty();
    if (const auto account = by_password ? std::nullopt : accountOf(plan.remove)) {
        plan.marks = accounts_.marks(*account);
        plan.subject = account->subject;
    } else {
        plan.marks = accounts_.marks({});
    }
    const auto kept = database_.readSystem("an account may be connected anywhere",
                                           [&](storage::SystemTx& tx) { return keeper(tx, plan); });
    plan.keeper = kept.value_or(Keeper::Own);  // commit() finds out, and all is planned again
    const bool revoke = plan.keeper == Keeper::Nobody || (plan.keeper == Keeper::Others && request.for_everyone);
    if (revoke) plan.token = tokenOf(plan.remove);
    if (plan.keeper == Keeper::Others && request.for_everyone) plan.subject.clear();
    return plan;
}

bool Disconnector::commit(const Plan& plan, const Receipt& receipt, const std::optional<RevocationRow>& pending,
                          const UserId& user) {
    return database_.writeSystem("whether others use the account decides what is revoked", [&](storage::SystemTx& all) {
        storage::Tx tx = all.as(plan.remove.front().tenant);
        // Someone else may have connected or removed in between: then the plan is made again.
        for (const ConnectionRow& row : plan.remove) {
            const auto now = findConnection(tx, row.id);
            if (!now || now->epoch != row.epoch) return false;
        }
        if (keeper(all, plan) != plan.keeper) return false;
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
        receipt.revoked = by_password                     ? "nothing"
                          : plan.token                    ? "pending"
                          : plan.keeper == Keeper::Own    ? "shared"
                          : plan.keeper == Keeper::Others ? "sharedHere"
                                                          : "confirmed";
        pending.reset();
        if (plan.token)
            pending = revocations_.keep(request.tenant, request.user, *plan.token, plan.subject, receipt.number);
    } while (!commit(plan, receipt, pending, request.user));
    for (const ConnectionRow& row : plan.remove) {
        broker_.forget(row.tenant, row.id);
        leases_.endIf([&](const LeaseRequest& lease) { return lease.connection == row.id; });
    }
    rememberErased(plan);
    if (pending) {
        const bool confirmed = revocations_.tell(*pending, request.retry_revoking);
        receipt.revoked = confirmed ? "confirmed" : request.retry_revoking ? "pending" : "unreachable";
    }
    database_.checkpointTruncate();  // the shredded keys' bytes leave the disk with the commit, not some day
    return receipt;
}

bool Disconnector::isShared(const TenantId& tenant, const ConnectionId& id) {
    const auto row = database_.read(tenant, [&](storage::Tx& tx) { return findConnection(tx, id); });
    if (!row) throw Error(Code::NotFound, "no_connection", "there is no such connection");
    const auto account = row->server.empty() ? accountOf({*row}) : std::nullopt;
    if (!account) return false;
    const auto all = accounts_.connectionsOf(*account);
    return std::any_of(all.begin(), all.end(), [&](const ConnectionRow& other) {
        return other.epoch != 0 && (other.tenant != tenant || other.user != row->user);
    });
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
