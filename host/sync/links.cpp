// SPDX-License-Identifier: Apache-2.0
#include "host/sync/links.h"

namespace portico::sync {
namespace {

constexpr std::string_view kColumns =
    "local_kind, local_id, collection, remote_ref, remote_version, token, intent, local_version, base_local, "
    "base_remote, "
    "remote_now, state, reason_code, reason, seen_run";

std::string select(std::string_view rest) {
    return "SELECT " + std::string(kColumns) + " FROM sync_links WHERE tenant_id = :tenant " + std::string(rest);
}

Json jsonOrNull(const std::optional<std::string>& text) { return text ? Json::parse(*text) : Json(); }

std::optional<std::string> textOrNull(const Json& json) {
    return json.isNull() ? std::nullopt : std::optional(json.dump());
}

std::optional<std::string> orNull(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

Link linkOf(const storage::Row& row, int first = 0) {
    Link link;
    link.local_kind = row.text(first);
    link.local_id = row.text(first + 1);
    link.collection = row.text(first + 2);
    link.remote_ref = row.optText(first + 3).value_or("");
    link.remote_version = row.optText(first + 4).value_or("");
    link.token = row.optText(first + 5).value_or("");
    link.intent = row.optText(first + 6).value_or("");
    link.local_version = row.integer(first + 7);
    link.base_local = jsonOrNull(row.optText(first + 8));
    link.base_remote = jsonOrNull(row.optText(first + 9));
    link.remote_now = jsonOrNull(row.optText(first + 10));
    link.state = row.text(first + 11);
    link.reason_code = row.optText(first + 12).value_or("");
    link.reason = row.optText(first + 13).value_or("");
    link.seen_run = row.integer(first + 14);
    return link;
}

std::vector<Link> linksOf(const std::vector<storage::Row>& rows) {
    std::vector<Link> links;
    links.reserve(rows.size());
    for (const storage::Row& row : rows) links.push_back(linkOf(row));
    return links;
}

std::optional<Link> firstOf(const std::optional<storage::Row>& row) {
    return row ? std::optional(linkOf(*row)) : std::nullopt;
}

constexpr std::string_view kStreamColumns =
    "connection_id, stream, collection, plugin, user_id, cursor, pull_run, last_pull_at, last_push_at, problem_code, "
    "problem";

StreamState streamOf(const storage::Row& row) {
    const auto at = [&](int column) -> std::optional<std::int64_t> {
        return row.isNull(column) ? std::nullopt : std::optional(row.integer(column));
    };
    StreamState state;
    state.key = {ConnectionId(row.text(0)), row.text(1)};
    state.collection = row.text(2);
    state.plugin = row.text(3);
    state.user = UserId(row.text(4));
    state.cursor = row.text(5);
    state.pull_run = row.integer(6);
    state.last_pull_at = at(7);
    state.last_push_at = at(8);
    state.problem_code = row.optText(9).value_or("");
    state.problem = row.optText(10).value_or("");
    return state;
}

}  // namespace

std::optional<Link> findLink(storage::Tx& tx, const StreamKey& key, const std::string& kind, const std::string& id) {
    static const std::string kSql =
        select("AND connection_id = ?1 AND stream = ?2 AND local_kind = ?3 AND local_id = ?4");
    return firstOf(tx.one(kSql, key.connection.str(), key.stream, kind, id));
}

std::optional<Link> findByRef(storage::Tx& tx, const StreamKey& key, const std::string& collection,
                              const std::string& ref) {
    static const std::string kSql =
        select("AND connection_id = ?1 AND stream = ?2 AND collection = ?3 AND remote_ref = ?4");
    return firstOf(tx.one(kSql, key.connection.str(), key.stream, collection, ref));
}

std::optional<Link> findByToken(storage::Tx& tx, const StreamKey& key, const std::string& token) {
    static const std::string kSql = select("AND connection_id = ?1 AND stream = ?2 AND token = ?3");
    return firstOf(tx.one(kSql, key.connection.str(), key.stream, token));
}

std::vector<Link> waitingLinks(storage::Tx& tx, const StreamKey& key, const std::string& collection,
                               const std::string& after, int limit) {
    static const std::string kSql = select(
        "AND connection_id = ?1 AND stream = ?2 AND collection = ?3 AND state = 'waiting' AND local_id > ?4 "
        "ORDER BY local_id LIMIT ?5");
    return linksOf(tx.query(kSql, key.connection.str(), key.stream, collection, after, limit));
}

std::vector<Link> unseenLinks(storage::Tx& tx, const StreamKey& key, const std::string& collection, std::int64_t run,
                              int limit) {
    static const std::string kSql = select(
        "AND connection_id = ?1 AND stream = ?2 AND collection = ?3 AND remote_ref IS NOT NULL AND seen_run < ?4 "
        "ORDER BY local_id LIMIT ?5");
    return linksOf(tx.query(kSql, key.connection.str(), key.stream, collection, run, limit));
}

void saveLink(storage::Tx& tx, const StreamKey& key, const Link& link, std::int64_t now_ms) {
    tx.exec(
        "INSERT INTO sync_links (tenant_id, connection_id, stream, local_kind, local_id, collection, remote_ref, "
        "remote_version, token, intent, local_version, base_local, base_remote, remote_now, state, reason_code, "
        "reason, "
        "seen_run, updated_at) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) "
        "ON CONFLICT (tenant_id, connection_id, stream, local_kind, local_id) DO UPDATE SET collection = "
        "excluded.collection, "
        "remote_ref = excluded.remote_ref, remote_version = excluded.remote_version, token = excluded.token, "
        "intent = excluded.intent, local_version = excluded.local_version, base_local = excluded.base_local, "
        "base_remote = excluded.base_remote, remote_now = excluded.remote_now, state = excluded.state, "
        "reason_code = excluded.reason_code, reason = excluded.reason, seen_run = excluded.seen_run, "
        "updated_at = excluded.updated_at",
        key.connection.str(), key.stream, link.local_kind, link.local_id, link.collection, orNull(link.remote_ref),
        orNull(link.remote_version), orNull(link.token), orNull(link.intent), link.local_version,
        textOrNull(link.base_local), textOrNull(link.base_remote), textOrNull(link.remote_now), link.state,
        orNull(link.reason_code), orNull(link.reason), link.seen_run, now_ms);
}

void removeLink(storage::Tx& tx, const StreamKey& key, const std::string& kind, const std::string& id) {
    tx.exec(
        "DELETE FROM sync_links WHERE tenant_id = :tenant AND connection_id = ?1 AND stream = ?2 AND local_kind = ?3 "
        "AND local_id = ?4",
        key.connection.str(), key.stream, kind, id);
}

void touchLink(storage::Tx& tx, const StreamKey& key, const std::string& collection, const std::string& kind,
               const std::string& id, std::int64_t now_ms) {
    tx.exec(
        "INSERT INTO sync_links (tenant_id, connection_id, stream, local_kind, local_id, collection, state, "
        "updated_at) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, 'waiting', ?6) "
        "ON CONFLICT (tenant_id, connection_id, stream, local_kind, local_id) DO UPDATE SET state = 'waiting', "
        "reason_code = NULL, reason = NULL, updated_at = excluded.updated_at "
        "WHERE state NOT IN ('conflict', 'local') OR reason_code = 'withheld'",
        key.connection.str(), key.stream, kind, id, collection, now_ms);
}

void removeConnection(storage::Tx& tx, const ConnectionId& connection) {
    tx.exec("DELETE FROM sync_links WHERE tenant_id = :tenant AND connection_id = ?1", connection.str());
    tx.exec("DELETE FROM sync_streams WHERE tenant_id = :tenant AND connection_id = ?1", connection.str());
}

bool isLeaving(storage::Tx& tx, const ConnectionId& connection) {
    return tx
        .one(
            "SELECT 1 FROM sync_leaving l, json_each(l.connections) c WHERE l.tenant_id = :tenant AND l.receipt IS "
            "NULL "
            "AND c.value = ?1 LIMIT 1",
            connection)
        .has_value();
}

std::vector<StreamState> streams(storage::Tx& tx) {
    static const std::string kSql =
        "SELECT " + std::string(kStreamColumns) +
        " FROM sync_streams WHERE tenant_id = :tenant ORDER BY plugin, connection_id, stream";
    std::vector<StreamState> states;
    for (const storage::Row& row : tx.query(kSql)) states.push_back(streamOf(row));
    return states;
}

std::optional<StreamState> findStream(storage::Tx& tx, const StreamKey& key, const std::string& collection) {
    static const std::string kSql =
        "SELECT " + std::string(kStreamColumns) +
        " FROM sync_streams WHERE tenant_id = :tenant AND connection_id = ?1 AND stream = ?2 "
        "AND collection = ?3";
    const auto row = tx.one(kSql, key.connection.str(), key.stream, collection);
    return row ? std::optional(streamOf(*row)) : std::nullopt;
}

void saveStream(storage::Tx& tx, const StreamState& state) {
    tx.exec(
        "INSERT INTO sync_streams (tenant_id, connection_id, stream, collection, plugin, user_id, cursor, pull_run, "
        "last_pull_at, last_push_at, problem_code, problem) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11) "
        "ON CONFLICT (tenant_id, connection_id, stream, collection) DO UPDATE SET cursor = excluded.cursor, "
        "pull_run = excluded.pull_run, last_pull_at = excluded.last_pull_at, last_push_at = excluded.last_push_at, "
        "problem_code = excluded.problem_code, problem = excluded.problem",
        state.key.connection.str(), state.key.stream, state.collection, state.plugin, state.user.str(), state.cursor,
        state.pull_run, state.last_pull_at, state.last_push_at, orNull(state.problem_code), orNull(state.problem));
}

Counts countLinks(storage::Tx& tx, const StreamKey& key) {
    Counts counts;
    for (const storage::Row& row : tx.query("SELECT state, count(*) FROM sync_links WHERE tenant_id = :tenant AND "
                                            "connection_id = ?1 AND stream = ?2 GROUP BY state",
                                            key.connection.str(), key.stream)) {
        const std::string state = row.text(0);
        std::int64_t* count = state == "synced"     ? &counts.synced
                              : state == "waiting"  ? &counts.waiting
                              : state == "failed"   ? &counts.failed
                              : state == "conflict" ? &counts.conflict
                                                    : nullptr;
        if (count != nullptr) *count = row.integer(1);
    }
    return counts;
}

std::vector<std::pair<std::string, Link>> recordLinks(storage::Tx& tx, const ConnectionId& connection,
                                                      const std::string& kind, const std::string& id) {
    static const std::string kSql = "SELECT stream, " + std::string(kColumns) +
                                    " FROM sync_links WHERE tenant_id = :tenant AND connection_id = ?1 AND "
                                    "local_kind = ?2 AND local_id = ?3 ORDER BY stream";
    std::vector<std::pair<std::string, Link>> found;
    for (const storage::Row& row : tx.query(kSql, connection.str(), kind, id))
        found.emplace_back(row.text(0), linkOf(row, 1));
    return found;
}

std::vector<RecordState> recordStates(storage::Tx& tx, const std::string& kind, const std::string& id) {
    std::vector<RecordState> states;
    for (const storage::Row& row :
         tx.query("SELECT DISTINCT s.plugin, l.state, l.reason_code, l.reason, l.connection_id, l.updated_at "
                  "FROM sync_links l JOIN sync_streams s ON s.tenant_id = l.tenant_id AND "
                  "s.connection_id = l.connection_id AND s.stream = l.stream AND s.collection = l.collection "
                  "WHERE l.tenant_id = :tenant AND l.local_kind = ?1 AND l.local_id = ?2 ORDER BY s.plugin",
                  kind, id))
        states.push_back({row.text(0), row.text(1), row.optText(2).value_or(""), row.optText(3).value_or(""),
                          ConnectionId(row.text(4)), row.integer(5)});
    return states;
}

std::vector<Conflict> conflicts(storage::Tx& tx, int limit) {
    static const std::string kSql =
        "SELECT connection_id, stream, " + std::string(kColumns) +
        " FROM sync_links WHERE tenant_id = :tenant AND state = 'conflict' ORDER BY updated_at DESC LIMIT ?1";
    std::vector<Conflict> found;
    for (const storage::Row& row : tx.query(kSql, limit))
        found.push_back({{ConnectionId(row.text(0)), row.text(1)}, linkOf(row, 2)});
    return found;
}

}  // namespace portico::sync
