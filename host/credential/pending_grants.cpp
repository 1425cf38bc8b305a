// SPDX-License-Identifier: Apache-2.0
#include "host/credential/pending_grants.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {
namespace {

constexpr auto kLife = std::chrono::minutes(10);

}  // namespace

std::string PendingGrants::hold(const TransactionRow& transaction, const HeldGrant& held) {
    PendingRow row;
    row.tenant = transaction.tenant;
    row.id = toBase64Url(randomBytes(16));
    row.user = transaction.user;
    row.plugin = transaction.plugin;
    row.connection_name = transaction.connection_name;
    row.session_hash = transaction.session_hash;
    row.expected = transaction.expected;
    row.scopes = transaction.scopes;
    row.return_to = transaction.return_to;
    row.expires_at = clock_.now() + kLife;
    row.sealed = grants_.sealPending(row, held);
    const auto before = database_.read(row.tenant, [&](storage::Tx& tx) { return listPending(tx, row.user); });
    database_.write(row.tenant, [&](storage::Tx& tx) { insertPending(tx, row); });
    for (const PendingRow& old : before)
        if (old.plugin == row.plugin && old.session_hash == row.session_hash) end(old);
    return row.id;
}

std::vector<PendingRow> PendingGrants::of(const PendingRequest& request) {
    auto rows = database_.read(request.tenant, [&](storage::Tx& tx) { return listPending(tx, request.user); });
    const std::string session = sha256(request.session_binding);
    std::erase_if(rows, [&](const PendingRow& row) {
        return request.user.empty() || row.expires_at <= clock_.now() || !constantTimeEqual(row.session_hash, session);
    });
    return rows;
}

std::vector<PendingGrant> PendingGrants::list(const PendingRequest& request) {
    std::vector<PendingGrant> out;
    for (const PendingRow& row : of(request)) {
        const auto expected =
            database_.read(row.tenant, [&](storage::Tx& tx) { return findConnection(tx, row.expected); });
        out.push_back({row.id, row.plugin, grants_.openPending(row).account.email,
                       expected ? grants_.openAccount(*expected).email : "", row.expires_at});
    }
    return out;
}

PendingGrants::Taken PendingGrants::take(const PendingRequest& request) {
    for (PendingRow& row : of(request)) {
        if (row.id != request.id) continue;
        HeldGrant held = grants_.openPending(row);
        if (!database_.write(row.tenant, [&](storage::Tx& tx) { return takePending(tx, row.id); })) break;
        return {std::move(row), std::move(held)};
    }
    throw Error(Code::NotFound, "pending_over",
                "this question was answered already or is older than ten minutes: nothing was connected; start "
                "connecting again");
}

void PendingGrants::discard(const PendingRequest& request) {
    const Taken taken = take(request);
    revocations_.endUnused(taken.row.tenant, taken.row.user, taken.held.account, taken.held.token);
    database_.checkpointTruncate();  // the sealed bytes leave the disk, too
}

void PendingGrants::end(const PendingRow& row) {
    std::optional<HeldGrant> held;
    try {
        held = grants_.openPending(row);
    } catch (const Error& error) {
        log::error("grant_unreadable", {{"pending", row.id}, {"why", error.what()}});
    }
    if (!database_.write(row.tenant, [&](storage::Tx& tx) { return takePending(tx, row.id); })) return;
    if (held) revocations_.endUnused(row.tenant, row.user, held->account, held->token);
    database_.checkpointTruncate();
}

void PendingGrants::discardExpired() {
    const auto expired = database_.readSystem("questions of all tenants run out together",
                                              [&](storage::SystemTx& tx) { return expiredPending(tx, clock_.now()); });
    for (const auto& [tenant, id] : expired)
        for (const PendingRow& row : database_.read(tenant, [&](storage::Tx& tx) { return listPending(tx, UserId()); }))
            if (row.id == id) end(row);
}

void PendingGrants::discardOf(const TenantId& tenant, const UserId& user) {
    if (user.empty()) return;
    for (const PendingRow& row : database_.read(tenant, [&](storage::Tx& tx) { return listPending(tx, user); }))
        end(row);
}

}  // namespace portico::credential
