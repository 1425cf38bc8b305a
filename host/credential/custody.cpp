// SPDX-License-Identifier: Apache-2.0
#include "host/credential/custody.h"

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/passphrase.h"
#include "host/credential/migrations.h"

namespace portico::credential {
namespace {

// A connection with what was sealed for it, opened. `row` and `grant` are as they were stored.
struct Opened {
    ConnectionRow row;
    Account account;
    std::optional<GrantRow> grant;
    SecretBytes token;
};

}  // namespace

Custody::Custody(Place place, SecretBytes passphrase, const Clock& clock)
    : place_(std::move(place)),
      passphrase_(std::move(passphrase)),
      clock_(clock),
      database_({place_.database, migrations(), 1}),
      keys_(place_.key_file, passphrase_, database_, clock),
      ledger_(place_.database.parent_path() / "ledger"),
      grants_(keys_, ledger_) {}

std::vector<TenantId> Custody::tenants() {
    return database_.readSystem("the operator works on all tenants", [](storage::SystemTx& tx) {
        std::vector<TenantId> out;
        for (const storage::Row& row : tx.query("SELECT DISTINCT tenant_id FROM tenant_keys ORDER BY tenant_id"))
            out.emplace_back(row.text(0));
        return out;
    });
}

Custody::Status Custody::status() {
    Status out;
    out.passphrase = wantsPassphrase(place_.key_file);
    for (const Key& key : keys_.roots().keys) out.roots.push_back({toHex(key.id), key.version, 0});
    database_.readSystem("the operator looks at all tenants", [&](storage::SystemTx& tx) {
        for (const storage::Row& row : tx.query("SELECT sealed FROM tenant_keys UNION ALL "
                                                "SELECT value FROM vault_facts WHERE name = 'key_check' UNION ALL "
                                                "SELECT sealed FROM oauth_clients")) {
            const std::string sealed = row.blob(0);
            for (Status::Root& root : out.roots) root.records += root.id == toHex(keyIdOf(sealed)) ? 1 : 0;
        }
        const auto count = [&](const char* sql) { return tx.one(sql)->integer(0); };
        out.connections = count("SELECT count(*) FROM connections");
        out.grants = count("SELECT count(*) FROM grants");
        out.pending_revocations = count("SELECT count(*) FROM pending_revocations");
    });
    return out;
}

std::vector<std::string> Custody::verify() {
    std::vector<std::string> faults;
    const auto check = [&](const std::string& what, auto&& open) {
        try {
            open();
        } catch (const Error& error) {
            faults.push_back(what + ": " + error.what());
        }
    };
    check("the registration with the provider", [&] { keys_.checkClients(); });
    for (const TenantId& tenant : tenants()) {
        const std::string of = "tenant " + tenant.str() + ", ";
        check(of + "its key", [&] { keys_.tenantKey(tenant); });
        for (const ConnectionRow& row :
             database_.read(tenant, [](storage::Tx& tx) { return listConnections(tx, UserId()); })) {
            check(of + "account of connection " + row.id.str(), [&] { grants_.openAccount(row); });
            const auto grant = database_.read(tenant, [&](storage::Tx& tx) { return findGrant(tx, row.id); });
            if (grant) check(of + "token of connection " + row.id.str(), [&] { grants_.openToken(row, *grant); });
        }
        for (const RevocationRow& row : database_.read(tenant, listRevocations))
            check(of + "pending revocation " + row.id, [&] { grants_.openRevocation(row); });
        for (const PendingRow& row : database_.read(tenant, [](storage::Tx& tx) { return listPending(tx, UserId()); }))
            check(of + "unanswered sign-in " + row.id, [&] { grants_.openPending(row); });
    }
    return faults;
}

void Custody::rotate() {
    const auto stands = [&] {  // under the newest key alone
        const Status now = status();
        return now.roots.size() == 1 || now.roots[1].records == 0;
    };
    RootKeys roots;
    for (const Key& key : keys_.roots().keys) roots.keys.push_back(key.clone());
    if (roots.keys.size() == 2 && stands())
        throw Error(Code::Conflict, "old_key_kept",
                    "the key file still holds the root key of the last rotation, for older backups: drop it first "
                    "(portico vault rotate --drop-old)");
    if (roots.keys.size() == 1) {
        roots.keys.insert(roots.keys.begin(), Key::make(roots.newest().version + 1));
        writeRootKeys(place_.key_file, roots, passphrase_);
    }
    keys_.reseal(std::move(roots));
    database_.checkpointTruncate();
}

void Custody::dropOld() {
    const Status now = status();
    if (now.roots.size() == 1) throw Error(Code::Conflict, "no_old_key", "the key file holds no old root key");
    if (now.roots[1].records != 0)
        throw Error(Code::Conflict, "old_key_in_use",
                    "the old root key still seals something: finish the rotation first (portico vault rotate)");
    RootKeys roots;
    roots.keys.push_back(keys_.roots().newest().clone());
    writeRootKeys(place_.key_file, roots, passphrase_);
}

void Custody::rewrap() {
    for (const TenantId& tenant : tenants()) rewrap(tenant);
    keys_.renewClients();
    database_.checkpointTruncate();
}

void Custody::rewrap(const TenantId& tenant) {
    std::vector<Opened> connections;
    for (ConnectionRow& row : database_.read(tenant, [](storage::Tx& tx) { return listConnections(tx, UserId()); })) {
        Opened opened{std::move(row), {}, {}, {}};
        opened.account = grants_.openAccount(opened.row);
        opened.grant = database_.read(tenant, [&](storage::Tx& tx) { return findGrant(tx, opened.row.id); });
        if (opened.grant) opened.token = grants_.openToken(opened.row, *opened.grant);
        connections.push_back(std::move(opened));
    }
    std::vector<RevocationRow> pending = database_.read(tenant, listRevocations);
    std::vector<EndedToken> pending_tokens;
    for (const RevocationRow& row : pending) pending_tokens.push_back(grants_.openRevocation(row));
    std::vector<PendingRow> held = database_.read(tenant, [](storage::Tx& tx) { return listPending(tx, UserId()); });
    std::vector<HeldGrant> held_grants;
    for (const PendingRow& row : held) held_grants.push_back(grants_.openPending(row));

    const KeyRing::TenantRow renewed = keys_.renewTenantKey(tenant);
    for (Opened& each : connections) {
        each.row.account_sealed = grants_.sealAccount(each.row, each.account);
        if (!each.grant) continue;
        GrantRow sealed = grants_.seal(each.row, each.token, each.grant->epoch, each.grant->granted_at);
        sealed.refreshed_at = each.grant->refreshed_at;
        sealed.ends_at = each.grant->ends_at;
        sealed.client_id = each.grant->client_id;
        each.grant = std::move(sealed);
    }
    for (std::size_t i = 0; i < pending.size(); ++i)
        pending[i].sealed = grants_.sealRevocation(tenant, pending[i].user, pending[i].id, pending_tokens[i]);
    for (std::size_t i = 0; i < held.size(); ++i) held[i].sealed = grants_.sealPending(held[i], held_grants[i]);

    database_.write(tenant, [&](storage::Tx& tx) {
        tx.exec("DELETE FROM tenant_keys WHERE tenant_id = :tenant");
        tx.exec(
            "INSERT INTO tenant_keys (tenant_id, version, key_id, sealed, created_at) VALUES (:tenant, ?1, ?2, ?3, ?4)",
            renewed.version, storage::Blob{renewed.key_id}, storage::Blob{renewed.sealed}, clock_.now());
        // Consents in the making: their verifiers were sealed under the old key, and ten minutes is all they have.
        tx.exec("DELETE FROM oauth_transactions WHERE tenant_id = :tenant");
        for (const Opened& each : connections) {
            updateConnection(tx, each.row);
            if (each.grant) putGrant(tx, each.row.id, *each.grant);
        }
        for (const RevocationRow& row : pending)
            tx.exec("UPDATE pending_revocations SET sealed = ?2 WHERE tenant_id = :tenant AND id = ?1", row.id,
                    storage::Blob{row.sealed});
        for (const PendingRow& row : held)
            tx.exec("UPDATE pending_grants SET sealed = ?2 WHERE tenant_id = :tenant AND id = ?1", row.id,
                    storage::Blob{row.sealed});
    });
    for (const Opened& each : connections)
        if (each.grant) grants_.stored(each.row, each.grant->version);
}

void Custody::exportEscrow(const std::filesystem::path& file, const SecretBytes& passphrase) {
    if (passphrase.empty()) throw Error(Code::Invalid, "no_passphrase", "an escrow copy needs a passphrase");
    if (std::filesystem::exists(file)) throw Error(Code::Conflict, "file_exists", file.string() + " exists already");
    writeRootKeys(file, keys_.roots(), passphrase);
}

void Custody::changePassphrase(SecretBytes passphrase) {
    writeRootKeys(place_.key_file, keys_.roots(), passphrase);
    passphrase_ = std::move(passphrase);
}

}  // namespace portico::credential
