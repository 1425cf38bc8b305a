// SPDX-License-Identifier: Apache-2.0
#include "host/credential/accounts.h"

#include <algorithm>
#include <set>

#include "host/base/text.h"

namespace portico::credential {
namespace {

std::vector<TenantId> tenantsWith(storage::SystemTx& tx, const std::string& provider) {
    std::vector<TenantId> out;
    for (const storage::Row& row : tx.query("SELECT DISTINCT tenant_id FROM connections WHERE provider = ?1", provider))
        out.emplace_back(row.text(0));
    return out;
}

// Those that only the file picker made share the account's id with the same user's others.
std::vector<ConnectionRow> ofTenant(storage::Tx tx, const AccountMark& mark) {
    const auto rows = listConnections(tx, UserId());
    std::set<std::string> accounts;
    for (const ConnectionRow& row : rows)
        if (sameAccount(row, mark)) accounts.insert(row.account_id);
    std::vector<ConnectionRow> found;
    for (const ConnectionRow& row : rows)
        if (accounts.contains(row.account_id)) found.push_back(row);
    return found;
}

}  // namespace

bool sameAccount(const ConnectionRow& row, const AccountMark& mark) {
    if (row.subject_key == mark.subject_key) return true;
    const bool both_known = row.subject_key.starts_with("sub:") && mark.subject_key.starts_with("sub:");
    return !both_known && !mark.email_key.empty() && row.email_key == mark.email_key;
}

std::vector<TenantId> Accounts::tenants() {
    return database_.readSystem("an account may be connected anywhere",
                                [&](storage::SystemTx& tx) { return tenantsWith(tx, provider_.name); });
}

AccountMark Accounts::mark(const TenantId& tenant, const Account& account) {
    AccountMark mark;
    if (!account.subject.empty()) mark.subject_key = "sub:" + keys_.indexKey(tenant, "subject", account.subject);
    if (!account.email.empty()) mark.email_key = keys_.indexKey(tenant, "email", lowerAscii(account.email));
    return mark;
}

Accounts::Marks Accounts::marks(const Account& account) {
    Marks marks;
    for (const TenantId& tenant : tenants()) marks.emplace(tenant, mark(tenant, account));
    return marks;
}

std::optional<std::vector<ConnectionRow>> Accounts::find(storage::SystemTx& tx, const Marks& marks) {
    std::vector<ConnectionRow> found;
    for (const TenantId& tenant : tenantsWith(tx, provider_.name)) {
        const auto known = marks.find(tenant);
        if (known == marks.end()) return std::nullopt;
        for (ConnectionRow& row : ofTenant(tx.as(tenant), known->second)) found.push_back(std::move(row));
    }
    return found;
}

std::vector<ConnectionRow> Accounts::connectionsOf(const Account& account) {
    for (;;) {
        const Marks known = marks(account);
        auto found = database_.readSystem("an account may be connected anywhere",
                                          [&](storage::SystemTx& tx) { return find(tx, known); });
        if (found) return std::move(*found);
    }
}

bool Accounts::isUsed(const Account& account) {
    const auto all = connectionsOf(account);
    return std::any_of(all.begin(), all.end(), [](const ConnectionRow& row) { return row.epoch != 0; });
}

}  // namespace portico::credential
