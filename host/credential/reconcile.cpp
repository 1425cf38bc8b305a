// SPDX-License-Identifier: Apache-2.0
#include "host/credential/reconcile.h"

#include <set>

#include "host/base/fd.h"
#include "host/base/log.h"
#include "host/credential/store.h"
#include "host/storage/copy.h"

namespace portico::credential {
namespace {

namespace fs = std::filesystem;

// Every connection with the version of its token; 0 where it has none.
std::vector<Ledger::Entry> stored(storage::Database& database) {
    return database.readSystem("all connections are held against the ledger", [](storage::SystemTx& tx) {
        std::vector<Ledger::Entry> out;
        for (const storage::Row& row :
             tx.query("SELECT c.tenant_id, c.id, coalesce(g.record_version, 0) FROM connections c LEFT JOIN grants g "
                      "ON g.tenant_id = c.tenant_id AND g.connection_id = c.id"))
            out.push_back({TenantId(row.text(0)), ConnectionId(row.text(1)), row.integer(2)});
        return out;
    });
}

std::vector<Ledger::Entry> tombstones(storage::Database& database) {
    return database.readSystem("removals of all tenants belong into the ledger", [](storage::SystemTx& tx) {
        std::vector<Ledger::Entry> out;
        for (const storage::Row& row : tx.query("SELECT tenant_id, connection_id FROM tombstones"))
            out.push_back({TenantId(row.text(0)), ConnectionId(row.text(1)), Ledger::kRemoved});
        return out;
    });
}

void wait(storage::Database& database, const Ledger::Entry& entry, const std::string& problem, Instant now) {
    database.write(entry.tenant, [&](storage::Tx& tx) {
        const auto row = findConnection(tx, entry.connection);
        if (!row || row->state != state::kConnected) return;
        setConnectionState(tx, row->id, state::kNeedsReconnect, problem);
        addLog(tx, *row, now, "needsReconnect", problem);
    });
}

std::string many(std::size_t count, const char* what) {
    return std::to_string(count) + (count == 1 ? " connection " : " connections ") + what;
}

}  // namespace

std::string reconcile(storage::Database& database, Ledger& ledger, const fs::path& folder, const Clock& clock) {
    const Instant now = clock.now();
    const fs::path mark = folder / storage::kRestoredMark;
    const bool restored = fs::exists(mark);
    const bool blind = restored && ledger.empty();
    ledger.add(tombstones(database));

    std::size_t removed = 0, older = 0, missing = 0;
    std::set<std::pair<std::string, std::string>> present;
    std::vector<Ledger::Entry> newest;
    for (const Ledger::Entry& entry : stored(database)) {
        const std::int64_t known = ledger.version(entry.tenant, entry.connection);
        if (known == Ledger::kRemoved) {
            database.write(entry.tenant, [&](storage::Tx& tx) { deleteConnection(tx, entry.connection, now); });
            ++removed;
            continue;
        }
        present.emplace(entry.tenant.str(), entry.connection.str());
        if (blind) {
            wait(database, entry,
                 "It was restored from a backup of " + readFile(mark, 100) +
                     ", and nothing tells whether you removed it since. Connect it again, or remove it.",
                 now);
            ++older;
        } else if (entry.version != 0 && entry.version < known) {
            wait(database, entry, "It was put back from an older copy of the database. Connect it again.", now);
            ++older;
        }
        newest.push_back(entry);
    }
    for (const Ledger::Entry& entry : ledger.entries()) {
        if (entry.version == Ledger::kRemoved || present.contains({entry.tenant.str(), entry.connection.str()}))
            continue;
        ++missing;
        // Who restores a backup has let them go; after a mere copy the newer database may come back.
        if (restored) newest.push_back({entry.tenant, entry.connection, Ledger::kRemoved});
    }
    ledger.add(newest);
    if (removed != 0) database.checkpointTruncate();
    if (restored) fs::remove(mark);

    if (removed + older + missing == 0) return {};
    log::warning("vault_put_back", {{"removed_again", std::to_string(removed)},
                                    {"to_connect_again", std::to_string(older)},
                                    {"missing", std::to_string(missing)}});
    std::string text = "the vault's database was put back from an older copy";
    if (removed != 0) text += ": " + many(removed, "that had been removed since went again");
    if (older != 0)
        text += std::string(removed != 0 ? "; " : ": ") + many(older, "must be connected again by the owner");
    if (missing != 0)
        text += std::string(removed + older != 0 ? "; " : ": ") +
                many(missing, "made later not in it: put the newer vault.db back, or let the owners connect again");
    return text;
}

}  // namespace portico::credential
