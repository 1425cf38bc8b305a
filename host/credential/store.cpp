// SPDX-License-Identifier: Apache-2.0
#include "host/credential/store.h"

#include "host/base/error.h"

namespace portico::credential {

using storage::Blob;
using storage::Row;
using storage::SystemTx;
using storage::Tx;

namespace {

constexpr std::string_view kConnectionColumns =
    "SELECT c.id, c.user_id, c.plugin_id, c.connection_name, c.provider, c.account_id, c.subject_key, c.email_key, "
    "c.account_sealed, c.state, c.problem, c.granted, c.connected_at, c.last_used_at, g.grant_epoch, c.server, "
    "c.requested, "
    "(SELECT json_group_object(s.scope, s.at) FROM scope_uses s WHERE s.tenant_id = c.tenant_id AND s.connection_id = "
    "c.id) "
    "FROM connections c LEFT JOIN grants g ON g.tenant_id = c.tenant_id AND g.connection_id = c.id "
    "WHERE c.tenant_id = :tenant ";

ConnectionRow readConnection(const TenantId& tenant, const Row& row) {
    ConnectionRow out;
    out.tenant = tenant;
    out.id = ConnectionId(row.text(0));
    out.user = UserId(row.text(1));
    out.plugin = PluginId(row.text(2));
    out.name = row.text(3);
    out.provider = row.text(4);
    out.account_id = row.text(5);
    out.subject_key = row.text(6);
    out.email_key = row.text(7);
    out.account_sealed = row.blob(8);
    out.state = row.text(9);
    out.problem = row.optText(10).value_or("");
    out.granted = scopesFromText(row.text(11));
    out.connected_at = row.instant(12);
    out.last_used_at = row.optInstant(13);
    out.epoch = row.optInteger(14).value_or(0);
    out.server = row.text(15);
    out.requested = scopesFromText(row.text(16));
    const Json used = Json::parse(row.text(17));
    for (const auto& [scope, at] : used.members()) out.scopes_used_at[scope] = fromMillis(at.integer());
    return out;
}

std::optional<std::string> orNull(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

}  // namespace

std::string scopesText(const std::vector<std::string>& scopes) {
    Json list = Json::array();
    for (const std::string& scope : scopes) list.push(scope);
    return list.dump();
}

std::vector<std::string> scopesFromText(std::string_view text) {
    std::vector<std::string> scopes;
    const Json list = Json::parse(text);
    for (const Json& scope : list.items()) scopes.push_back(scope.str());
    return scopes;
}

std::optional<ConnectionRow> findConnection(Tx& tx, const ConnectionId& id) {
    const auto row = tx.one(std::string(kConnectionColumns) + "AND c.id = ?1", id);
    return row ? std::optional(readConnection(tx.tenant(), *row)) : std::nullopt;
}

std::vector<ConnectionRow> listConnections(Tx& tx, const UserId& user) {
    std::vector<ConnectionRow> out;
    for (const Row& row :
         tx.query(std::string(kConnectionColumns) + "AND (?1 = '' OR c.user_id = ?1) ORDER BY c.id", user))
        out.push_back(readConnection(tx.tenant(), row));
    return out;
}

void insertConnection(Tx& tx, const ConnectionRow& row) {
    tx.exec(
        "INSERT INTO connections (tenant_id, id, user_id, plugin_id, connection_name, provider, account_id, "
        "subject_key, "
        "email_key, account_sealed, state, problem, granted, connected_at, server, requested) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        row.id, row.user, row.plugin, row.name, row.provider, row.account_id, row.subject_key, row.email_key,
        Blob{row.account_sealed}, row.state, orNull(row.problem), scopesText(row.granted), row.connected_at, row.server,
        scopesText(row.requested));
}

void updateConnection(Tx& tx, const ConnectionRow& row) {
    tx.exec(
        "UPDATE connections SET subject_key = ?2, email_key = ?3, account_sealed = ?4, state = ?5, problem = ?6, "
        "granted = ?7, connected_at = ?8, requested = ?9 WHERE tenant_id = :tenant AND id = ?1",
        row.id, row.subject_key, row.email_key, Blob{row.account_sealed}, row.state, orNull(row.problem),
        scopesText(row.granted), row.connected_at, scopesText(row.requested));
}

void setConnectionState(Tx& tx, const ConnectionId& id, std::string_view state, const std::string& problem) {
    tx.exec("UPDATE connections SET state = ?2, problem = ?3 WHERE tenant_id = :tenant AND id = ?1", id, state,
            orNull(problem));
}

void needsReconnect(Tx& tx, const ConnectionRow& row, const std::string& problem, Instant now) {
    const auto current = findConnection(tx, row.id);
    if (!current || current->epoch != row.epoch || current->state != state::kConnected) return;
    setConnectionState(tx, row.id, state::kNeedsReconnect, problem);
    addLog(tx, row, now, "needsReconnect", problem);
}

void markConnections(SystemTx& tx, const std::string& provider, const std::string& client_id,
                     const std::string& problem, Instant now) {
    const auto each = [&](const char* which, std::string_view state, const std::string& said, const char* kind,
                          const std::string& detail) {
        for (const Row& row : tx.query(std::string("SELECT c.tenant_id, c.id FROM connections c JOIN grants g ON "
                                                   "g.tenant_id = c.tenant_id AND g.connection_id = c.id WHERE "
                                                   "c.provider = ?1 AND ") +
                                           which,
                                       provider, client_id, problem)) {
            Tx own = tx.as(TenantId(row.text(0)));
            const ConnectionId id(row.text(1));
            setConnectionState(own, id, state, said);
            addLog(own, *findConnection(own, id), now, kind, detail);
        }
    };
    each("g.client_id <> ?2 AND c.state = 'connected' AND ?3 <> ''", state::kNeedsReconnect, problem, "needsReconnect",
         problem);
    each("g.client_id = ?2 AND c.state = 'needsReconnect' AND c.problem = ?3", state::kConnected, "", "noticed",
         "The registration that this permission was given to is back: the connection works again");
}

Standing standingOf(SystemTx& tx, const std::string& provider, const std::string& client_id) {
    Standing out;
    for (const Row& row : tx.query("SELECT g.client_id, g.granted_at, g.refreshed_at, g.refresh_ends_at FROM grants g "
                                   "JOIN connections c ON c.tenant_id = g.tenant_id AND c.id = g.connection_id WHERE "
                                   "c.provider = ?1",
                                   provider)) {
        if (row.text(0) != client_id || client_id.empty()) {
            ++out.others;
            continue;
        }
        ++out.own;
        GrantRow grant;
        grant.granted_at = row.instant(1);
        grant.refreshed_at = row.instant(2);
        grant.ends_at = row.optInstant(3);
        out.grants.push_back(std::move(grant));
    }
    return out;
}

void deleteConnection(Tx& tx, const ConnectionId& id, Instant now) {
    deleteGrant(tx, id);
    tx.exec("DELETE FROM connections WHERE tenant_id = :tenant AND id = ?1", id);
    tx.exec(
        "INSERT INTO tombstones (tenant_id, connection_id, erased_at) VALUES (:tenant, ?1, ?2) ON CONFLICT DO NOTHING",
        id, now);
}

std::optional<GrantRow> findGrant(Tx& tx, const ConnectionId& id) {
    const auto row = tx.one(
        "SELECT grant_epoch, record_version, key_sealed, token_sealed, granted_at, refreshed_at, refresh_ends_at, "
        "client_id FROM grants WHERE tenant_id = :tenant AND connection_id = ?1",
        id);
    if (!row) return std::nullopt;
    GrantRow grant{row->integer(0), row->integer(1), row->blob(2),      row->blob(3),
                   row->instant(4), row->instant(5), row->optInstant(6)};
    grant.client_id = row->text(7);
    return grant;
}

void putGrant(Tx& tx, const ConnectionId& id, const GrantRow& grant) {
    tx.exec(
        "INSERT INTO grants (tenant_id, connection_id, grant_epoch, record_version, key_sealed, token_sealed, "
        "granted_at, "
        "refreshed_at, refresh_ends_at, prefix_key, hash_key, client_id) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
        "ON CONFLICT (tenant_id, connection_id) DO UPDATE SET grant_epoch = ?2, record_version = ?3, key_sealed = ?4, "
        "token_sealed = ?5, granted_at = ?6, refreshed_at = ?7, refresh_ends_at = ?8, prefix_key = ?9, hash_key = ?10, "
        "client_id = ?11",
        id, grant.epoch, grant.version, Blob{grant.key_sealed}, Blob{grant.token_sealed}, grant.granted_at,
        grant.refreshed_at, grant.ends_at, grant.prefix_key, grant.hash_key, grant.client_id);
}

void deleteGrant(Tx& tx, const ConnectionId& id) {
    tx.exec("DELETE FROM grants WHERE tenant_id = :tenant AND connection_id = ?1", id);
}

bool touchGrant(Tx& tx, const ConnectionId& id, const GrantRow& seen, Instant now) {
    return tx.exec(
               "UPDATE grants SET refreshed_at = ?4 WHERE tenant_id = :tenant AND connection_id = ?1 AND grant_epoch = "
               "?2 "
               "AND record_version = ?3",
               id, seen.epoch, seen.version, now) == 1;
}

bool resealGrant(Tx& tx, const ConnectionId& id, const GrantRow& resealed, Instant now) {
    return tx.exec(
               "UPDATE grants SET token_sealed = ?4, record_version = record_version + 1, refreshed_at = ?5, "
               "prefix_key = ?6, hash_key = ?7 "
               "WHERE tenant_id = :tenant AND connection_id = ?1 AND grant_epoch = ?2 AND record_version = ?3",
               id, resealed.epoch, resealed.version, Blob{resealed.token_sealed}, now, resealed.prefix_key,
               resealed.hash_key) == 1;
}

std::vector<ConnectionId> grantsNamed(Tx& tx, const std::string& prefix_key, const std::string& hash_key) {
    std::vector<ConnectionId> all;
    for (const Row& row : tx.query("SELECT g.connection_id FROM grants g JOIN connections c ON c.tenant_id = "
                                   "g.tenant_id AND c.id = g.connection_id WHERE g.tenant_id = :tenant AND "
                                   "c.server = '' AND (g.hash_key = '' OR g.prefix_key = ?1 OR g.hash_key = ?2)",
                                   prefix_key, hash_key))
        all.emplace_back(row.text(0));
    return all;
}

void insertTransaction(Tx& tx, const TransactionRow& row) {
    tx.exec(
        "INSERT INTO oauth_transactions (tenant_id, state_hash, user_id, plugin_id, connection_name, session_hash, "
        "verifier_sealed, nonce, scopes, picker, return_to, expires_at, server, expected) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        Blob{row.state_hash}, row.user, row.plugin, row.connection_name, Blob{row.session_hash},
        Blob{row.verifier_sealed}, row.nonce, scopesText(row.scopes), row.picker, row.return_to, row.expires_at,
        row.server, row.expected);
}

std::optional<TransactionRow> takeTransaction(SystemTx& tx, const std::string& state_hash) {
    const auto row = tx.one(
        "SELECT tenant_id, user_id, plugin_id, connection_name, session_hash, verifier_sealed, nonce, scopes, "
        "picker, return_to, expires_at, server, expected FROM oauth_transactions WHERE state_hash = ?1",
        Blob{state_hash});
    if (!row) return std::nullopt;
    tx.exec("DELETE FROM oauth_transactions WHERE state_hash = ?1", Blob{state_hash});
    TransactionRow out;
    out.tenant = TenantId(row->text(0));
    out.user = UserId(row->text(1));
    out.plugin = PluginId(row->text(2));
    out.connection_name = row->text(3);
    out.state_hash = state_hash;
    out.session_hash = row->blob(4);
    out.verifier_sealed = row->blob(5);
    out.nonce = row->text(6);
    out.scopes = scopesFromText(row->text(7));
    out.picker = row->boolean(8);
    out.return_to = row->text(9);
    out.expires_at = row->instant(10);
    out.server = row->text(11);
    out.expected = ConnectionId(row->text(12));
    return out;
}

void insertPending(Tx& tx, const PendingRow& row) {
    tx.exec(
        "INSERT INTO pending_grants (tenant_id, id, user_id, plugin_id, connection_name, session_hash, expected, "
        "scopes, return_to, sealed, expires_at) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        row.id, row.user, row.plugin, row.connection_name, Blob{row.session_hash}, row.expected, scopesText(row.scopes),
        row.return_to, Blob{row.sealed}, row.expires_at);
}

std::vector<PendingRow> listPending(Tx& tx, const UserId& user) {
    std::vector<PendingRow> out;
    for (const Row& row : tx.query("SELECT id, user_id, plugin_id, connection_name, session_hash, expected, scopes, "
                                   "return_to, sealed, expires_at FROM pending_grants WHERE tenant_id = :tenant AND "
                                   "(?1 = '' OR user_id = ?1) ORDER BY expires_at",
                                   user))
        out.push_back({tx.tenant(), row.text(0), UserId(row.text(1)), PluginId(row.text(2)), row.text(3), row.blob(4),
                       ConnectionId(row.text(5)), scopesFromText(row.text(6)), row.text(7), row.blob(8),
                       row.instant(9)});
    return out;
}

bool takePending(Tx& tx, const std::string& id) {
    return tx.exec("DELETE FROM pending_grants WHERE tenant_id = :tenant AND id = ?1", id) == 1;
}

std::vector<std::pair<TenantId, std::string>> expiredPending(SystemTx& tx, Instant now) {
    std::vector<std::pair<TenantId, std::string>> out;
    for (const Row& row : tx.query("SELECT tenant_id, id FROM pending_grants WHERE expires_at <= ?1", now))
        out.emplace_back(TenantId(row.text(0)), row.text(1));
    return out;
}

void insertUse(Tx& tx, const Use& use) {
    tx.exec(
        "INSERT INTO uses (tenant_id, id, at, trace, plugin_id, user_id, connection_id, method, host, path, status, "
        "bytes_out, bytes_in, ms, refusal) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
        "?14)",
        use.id, use.at, use.trace, use.plugin, use.user, use.connection, use.method, use.host, use.path, use.status,
        use.bytes_out, use.bytes_in, use.ms, orNull(use.refusal));
}

void finishUse(Tx& tx, const Use& use) {
    tx.exec(
        "UPDATE uses SET status = ?2, bytes_out = ?3, bytes_in = ?4, ms = ?5, refusal = ?6 "
        "WHERE tenant_id = :tenant AND id = ?1",
        use.id, use.status, use.bytes_out, use.bytes_in, use.ms, orNull(use.refusal));
}

void markUsed(Tx& tx, const Use& use) {
    const auto known = tx.exec("UPDATE connections SET last_used_at = ?2 WHERE tenant_id = :tenant AND id = ?1",
                               use.connection, use.at);
    if (known == 0 || use.scope.empty()) return;
    tx.exec(
        "INSERT INTO scope_uses (tenant_id, connection_id, scope, at) VALUES (:tenant, ?1, ?2, ?3) "
        "ON CONFLICT (tenant_id, connection_id, scope) DO UPDATE SET at = excluded.at",
        use.connection, use.scope, use.at);
}

std::vector<Use> listUses(Tx& tx, const UserId& user, int limit) {
    std::vector<Use> out;
    for (const Row& row :
         tx.query("SELECT id, at, trace, plugin_id, user_id, connection_id, method, host, path, status, bytes_out, "
                  "bytes_in, ms, refusal FROM uses WHERE tenant_id = :tenant AND (?1 = '' OR user_id = ?1) "
                  "ORDER BY id DESC LIMIT ?2",
                  user, limit))
        out.push_back({row.text(0), row.instant(1), row.text(2), PluginId(row.text(3)), UserId(row.text(4)),
                       ConnectionId(row.text(5)), row.text(6), row.text(7), row.text(8),
                       static_cast<int>(row.integer(9)), row.integer(10), row.integer(11), row.integer(12),
                       row.optText(13).value_or("")});
    return out;
}

std::vector<UseGroup> listUseGroups(Tx& tx, const UserId& user, int limit) {
    std::vector<UseGroup> out;
    for (const Row& row :
         tx.query("SELECT max(id), plugin_id, connection_id, method, host, path, min(at), max(at), count(*), "
                  "sum(refusal IS NOT NULL OR status = 0 OR status >= 400) FROM uses "
                  "WHERE tenant_id = :tenant AND user_id = ?1 "
                  "GROUP BY at / 86400000, plugin_id, connection_id, method, host, path ORDER BY max(id) DESC LIMIT ?2",
                  user, limit))
        out.push_back({row.text(0), PluginId(row.text(1)), ConnectionId(row.text(2)), row.text(3), row.text(4),
                       row.text(5), row.instant(6), row.instant(7), row.integer(8), row.integer(9)});
    return out;
}

void addLog(Tx& tx, const ConnectionRow& row, Instant at, std::string_view kind, const std::string& detail) {
    tx.exec(
        "INSERT INTO connection_log (tenant_id, id, at, user_id, plugin_id, connection_id, kind, detail) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        newId(), at, row.user, row.plugin, row.id, kind, detail);
}

std::vector<LogEntry> listLog(Tx& tx, const UserId& user, int limit) {
    std::vector<LogEntry> out;
    for (const Row& row : tx.query("SELECT id, at, user_id, plugin_id, connection_id, kind, detail FROM connection_log "
                                   "WHERE tenant_id = :tenant AND (?1 = '' OR user_id = ?1) ORDER BY id DESC LIMIT ?2",
                                   user, limit))
        out.push_back({row.text(0), row.instant(1), UserId(row.text(2)), PluginId(row.text(3)),
                       ConnectionId(row.text(4)), row.text(5), row.text(6)});
    return out;
}

std::int64_t eraseHistory(Tx& tx, const UserId& user) {
    const std::int64_t uses = tx.exec("DELETE FROM uses WHERE tenant_id = :tenant AND user_id = ?1", user);
    return uses + tx.exec("DELETE FROM connection_log WHERE tenant_id = :tenant AND user_id = ?1", user);
}

void insertRevocation(Tx& tx, const RevocationRow& row) {
    tx.exec(
        "INSERT INTO pending_revocations (tenant_id, id, user_id, provider, receipt, sealed, attempts, next_at, "
        "expires_at) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        row.id, row.user, row.provider, row.receipt, Blob{row.sealed}, row.attempts, row.next_at, row.expires_at);
}

void deleteRevocation(Tx& tx, const std::string& id) {
    tx.exec("DELETE FROM pending_revocations WHERE tenant_id = :tenant AND id = ?1", id);
}

namespace {

constexpr std::string_view kRevocationColumns =
    "SELECT tenant_id, id, user_id, provider, receipt, sealed, attempts, next_at, expires_at FROM pending_revocations ";

std::vector<RevocationRow> readRevocations(const std::vector<Row>& rows) {
    std::vector<RevocationRow> out;
    for (const Row& row : rows)
        out.push_back({TenantId(row.text(0)), row.text(1), UserId(row.text(2)), row.text(3), row.text(4), row.blob(5),
                       row.integer(6), row.instant(7), row.instant(8)});
    return out;
}

}  // namespace

std::vector<RevocationRow> dueRevocations(SystemTx& tx, Instant now) {
    return readRevocations(tx.query(
        std::string(kRevocationColumns) + "WHERE next_at <= ?1 OR expires_at <= ?1 ORDER BY next_at LIMIT 100", now));
}

std::vector<RevocationRow> listRevocations(Tx& tx) {
    return readRevocations(tx.query(std::string(kRevocationColumns) + "WHERE tenant_id = :tenant"));
}

}  // namespace portico::credential
