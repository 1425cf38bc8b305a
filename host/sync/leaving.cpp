// SPDX-License-Identifier: Apache-2.0
#include "host/sync/leaving.h"

#include <map>

#include "host/crm/contacts.h"

namespace portico::sync {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, user_id, connections, ending, there, started_at, until, total, removed, stayed, problem, receipt FROM "
    "sync_leaving WHERE tenant_id = :tenant ";

// We chose its id or marker before it was made: nothing that the user made has one.
constexpr std::string_view kMadeThere =
    "FROM sync_links WHERE tenant_id = :tenant AND connection_id = ?1 AND token IS NOT NULL AND remote_ref IS NOT "
    "NULL ";

Leaving leavingOf(const storage::Row& row) {
    Leaving out;
    out.id = row.text(0);
    out.user = UserId(row.text(1));
    const Json connections = Json::parse(row.text(2));
    for (const Json& id : connections.items()) out.connections.emplace_back(id.str());
    out.ending = Json::parse(row.text(3));
    out.there = row.boolean(4);
    out.started_at = row.instant(5);
    out.until = row.instant(6);
    out.total = row.integer(7);
    out.removed = row.integer(8);
    out.stayed = row.integer(9);
    out.problem = row.optText(10).value_or("");
    if (!row.isNull(11)) out.receipt = Json::parse(row.text(11));
    return out;
}

// The contacts of a connection that the connection itself made here, and whether anyone else has to do with them.
struct Imported {
    std::string stream, id;
    bool used = false;
};

std::vector<Imported> importedThrough(storage::Tx& tx, Instant now, const ConnectionId& connection) {
    const CallContext ctx = CallContext::system(tx.tenant(), "sync");
    crm::Contacts contacts(tx, now);
    std::vector<Imported> out;
    for (const storage::Row& row :
         tx.query("SELECT l.stream, l.local_id, EXISTS (SELECT 1 FROM sync_links o WHERE o.tenant_id = l.tenant_id AND "
                  "o.local_kind = l.local_kind AND o.local_id = l.local_id AND o.connection_id <> l.connection_id) "
                  "FROM sync_links l WHERE l.tenant_id = :tenant AND l.connection_id = ?1 AND l.local_kind = 'contact'",
                  connection)) {
        const auto used = contacts.usedSinceMadeThrough(ctx, row.text(1), "sync:" + connection.str());
        if (used) out.push_back({row.text(0), row.text(1), *used || row.boolean(2)});
    }
    return out;
}

}  // namespace

Traces& Traces::operator+=(const Traces& more) {
    imported += more.imported;
    used += more.used;
    events += more.events;
    contacts += more.contacts;
    return *this;
}

void saveLeaving(storage::Tx& tx, const Leaving& leaving) {
    Json connections = Json::array();
    for (const ConnectionId& id : leaving.connections) connections.push(id.str());
    const auto problem = leaving.problem.empty() ? std::nullopt : std::optional(leaving.problem);
    const auto receipt = leaving.receipt.isNull() ? std::nullopt : std::optional(leaving.receipt.dump());
    tx.exec(
        "INSERT INTO sync_leaving (tenant_id, id, user_id, connections, ending, there, started_at, until, total, "
        "removed, stayed, problem, receipt) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
        "ON CONFLICT (tenant_id, id) DO UPDATE SET until = excluded.until, removed = excluded.removed, stayed = "
        "excluded.stayed, problem = excluded.problem, receipt = excluded.receipt",
        leaving.id, leaving.user, connections.dump(), leaving.ending.dump(), leaving.there, leaving.started_at,
        leaving.until, leaving.total, leaving.removed, leaving.stayed, problem, receipt);
}

std::optional<Leaving> findLeaving(storage::Tx& tx, const std::string& id) {
    const auto row = tx.one(std::string(kColumns) + "AND id = ?1", id);
    return row ? std::optional(leavingOf(*row)) : std::nullopt;
}

std::vector<Leaving> leavings(storage::Tx& tx, const UserId& user) {
    std::vector<Leaving> out;
    for (const storage::Row& row : tx.query(std::string(kColumns) + "AND user_id = ?1 ORDER BY id DESC", user))
        out.push_back(leavingOf(row));
    return out;
}

void dropLeaving(storage::Tx& tx, const std::string& id) {
    tx.exec("DELETE FROM sync_leaving WHERE tenant_id = :tenant AND id = ?1", id);
}

void dropLeavings(storage::SystemTx& tx, Instant older_than) {
    tx.exec("DELETE FROM sync_leaving WHERE receipt IS NOT NULL AND until <= ?1", older_than);
}

Traces tracesOf(storage::Tx& tx, Instant now, const ConnectionId& connection) {
    Traces traces;
    for (const Imported& contact : importedThrough(tx, now, connection)) {
        ++traces.imported;
        traces.used += contact.used ? 1 : 0;
    }
    for (const storage::Row& row : tx.query(
             "SELECT local_kind = 'contact', count(*) " + std::string(kMadeThere) + "GROUP BY local_kind = 'contact'",
             connection))
        (row.boolean(0) ? traces.contacts : traces.events) = row.integer(1);
    return traces;
}

int removeImported(storage::Tx& tx, const CallContext& ctx, Instant now, const ConnectionId& connection, int limit) {
    // As if the service had asked for it, so that the removal is not sent there.
    CallContext as_service = ctx;
    as_service.actor.via = "sync:" + connection.str();
    int removed = 0;
    for (const Imported& contact : importedThrough(tx, now, connection)) {
        if (removed == limit) break;
        if (contact.used) continue;
        removeLink(tx, {connection, contact.stream}, "contact", contact.id);
        crm::Contacts(tx, now).remove(as_service, contact.id, std::nullopt);
        ++removed;
    }
    return removed;
}

std::int64_t countMadeThere(storage::Tx& tx, const ConnectionId& connection) {
    return tx
        .one(
            "SELECT count(*) FROM sync_links WHERE tenant_id = :tenant AND connection_id = ?1 AND token IS NOT NULL "
            "AND "
            "(remote_ref IS NOT NULL OR intent = 'create')",
            connection)
        ->integer(0);
}

std::vector<StreamState> streamsMadeIn(storage::Tx& tx, const ConnectionId& connection) {
    std::vector<StreamState> out;
    for (const StreamState& stream : streams(tx)) {
        if (stream.key.connection == connection &&
            tx.one("SELECT 1 " + std::string(kMadeThere) + "AND stream = ?2 AND collection = ?3 LIMIT 1", connection,
                   stream.key.stream, stream.collection))
            out.push_back(stream);
    }
    return out;
}

Removed removeThere(storage::Database& database, const TenantId& tenant, const StreamState& stream,
                    Connector& connector, int limit) {
    struct Made {
        std::string kind, id;
    };
    std::map<std::string, Made> made;
    std::vector<Json> changes;
    database.read(tenant, [&](storage::Tx& tx) {
        for (const storage::Row& row :
             tx.query("SELECT local_kind, local_id, token, remote_ref, remote_version, base_remote " +
                          std::string(kMadeThere) + "AND stream = ?2 AND collection = ?3 ORDER BY local_id LIMIT ?4",
                      stream.key.connection, stream.key.stream, stream.collection, limit)) {
            const std::string key = row.text(0) + "/" + row.text(1);
            made[key] = {row.text(0), row.text(1)};
            Json change = Json::object({{"key", key},
                                        {"op", "delete"},
                                        {"token", row.text(2)},
                                        {"ref", row.text(3)},
                                        {"version", row.optText(4).value_or("")}});
            if (!row.isNull(5)) change.set("base", Json::parse(row.text(5)));
            changes.push_back(std::move(change));
        }
    });
    Removed result;
    if (changes.empty()) return result;
    const std::vector<Json> lines = connector.push(stream.collection, changes);
    result.again = lines.size() < changes.size();  // no line: unknown, and removing twice does no harm
    database.write(tenant, [&](storage::Tx& tx) {
        for (const Json& line : lines) {
            const auto found = made.find(line.str("key"));
            if (found == made.end()) continue;
            const std::string& outcome = line.str("outcome");
            if (outcome == "retry") {
                result.again = true;
                result.retry_after_ms = std::max(result.retry_after_ms, line.getInt("retry_after_ms"));
                continue;
            }
            // Gone there already counts as removed; changed there, or refused, stays.
            const bool gone = outcome == "ok" || (outcome == "conflict" && !line.has("record"));
            ++(gone ? result.removed : result.stayed);
            removeLink(tx, stream.key, found->second.kind, found->second.id);
        }
    });
    return result;
}

}  // namespace portico::sync
