// SPDX-License-Identifier: Apache-2.0
#include "host/sync/hooks.h"

#include "host/base/bytes.h"

namespace portico::sync {
namespace {

constexpr std::string_view kColumns =
    "SELECT address, connection_id, stream, collection, channel, token, watch, renew_at, expires_at FROM sync_hooks "
    "WHERE tenant_id = :tenant ";

Hook hookOf(const storage::Row& row) {
    Hook hook{row.text(0), {ConnectionId(row.text(1)), row.text(2)}, row.text(3), row.text(4), row.text(5), {}};
    if (row.isNull(6)) return hook;
    hook.watch = Json::parse(row.text(6));
    hook.renew_at = row.instant(7);
    hook.expires_at = row.instant(8);
    return hook;
}

}  // namespace

Json Hook::told() const {
    Json all = watch.isObject() ? watch : Json::object();
    return all.set("stream", key.stream).set("collection", collection).set("channel", channel).set("token", token);
}

std::string addressOf(std::string_view secret) { return toHex(sha256(secret)); }

std::optional<TenantId> tenantOf(storage::SystemTx& tx, const std::string& address) {
    const auto row = tx.one("SELECT tenant_id FROM sync_hooks WHERE address = ?1", address);
    return row ? std::optional(TenantId(row->text(0))) : std::nullopt;
}

std::optional<Hook> findHook(storage::Tx& tx, const std::string& address) {
    static const std::string kSql = std::string(kColumns) + "AND address = ?1";
    const auto row = tx.one(kSql, address);
    return row ? std::optional(hookOf(*row)) : std::nullopt;
}

std::vector<Hook> hooksOf(storage::Tx& tx, const StreamKey& key, const std::string& collection) {
    static const std::string kSql =
        std::string(kColumns) + "AND connection_id = ?1 AND stream = ?2 AND collection = ?3 ORDER BY expires_at";
    std::vector<Hook> hooks;
    for (const storage::Row& row : tx.query(kSql, key.connection, key.stream, collection)) hooks.push_back(hookOf(row));
    return hooks;
}

void saveHook(storage::Tx& tx, const Hook& hook) {
    const bool there = hook.watch.isObject();
    tx.exec(
        "INSERT INTO sync_hooks (tenant_id, address, connection_id, stream, collection, channel, token, watch, "
        "renew_at, expires_at) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_id, address) "
        "DO UPDATE SET watch = excluded.watch, renew_at = excluded.renew_at, expires_at = excluded.expires_at",
        hook.address, hook.key.connection, hook.key.stream, hook.collection, hook.channel, hook.token,
        there ? std::optional(hook.watch.dump()) : std::nullopt, there ? std::optional(hook.renew_at) : std::nullopt,
        there ? std::optional(hook.expires_at) : std::nullopt);
}

void removeHook(storage::Tx& tx, const std::string& address) {
    tx.exec("DELETE FROM sync_notifications WHERE tenant_id = :tenant AND address = ?1", address);
    tx.exec("DELETE FROM sync_hooks WHERE tenant_id = :tenant AND address = ?1", address);
}

void removeHooks(storage::Tx& tx, const ConnectionId& connection) {
    tx.exec(
        "DELETE FROM sync_notifications WHERE tenant_id = :tenant AND address IN (SELECT address FROM sync_hooks "
        "WHERE tenant_id = :tenant AND connection_id = ?1)",
        connection);
    tx.exec("DELETE FROM sync_hooks WHERE tenant_id = :tenant AND connection_id = ?1", connection);
    tx.exec("DELETE FROM sync_watch_failures WHERE tenant_id = :tenant AND connection_id = ?1", connection);
}

bool keepNotification(storage::Tx& tx, const std::string& address, const Json& head, std::string_view body, int most) {
    const auto there = tx.one(
        "SELECT count(*), ifnull(max(number), 0) FROM sync_notifications WHERE tenant_id = :tenant AND address = ?1",
        address);
    if (there->integer(0) >= most) return false;
    tx.exec("INSERT INTO sync_notifications (tenant_id, address, number, head, body) VALUES (:tenant, ?1, ?2, ?3, ?4)",
            address, there->integer(1) + 1, head.dump(), storage::Blob{body});
    return true;
}

NotificationsSeen notificationsSeen(storage::SystemTx& tx) {
    const auto row = tx.one("SELECT count(*), max(notified_at) FROM sync_hooks WHERE watch IS NOT NULL");
    return {row->integer(0), row->optInstant(1)};
}

void noteNotified(storage::Tx& tx, const std::string& address, Instant at) {
    tx.exec("UPDATE sync_hooks SET notified_at = ?2 WHERE tenant_id = :tenant AND address = ?1", address, at);
}

std::vector<Notification> notificationsOf(storage::Tx& tx, const std::string& address, int limit) {
    std::vector<Notification> all;
    for (const storage::Row& row :
         tx.query("SELECT number, head, body FROM sync_notifications WHERE tenant_id = :tenant AND address = ?1 "
                  "ORDER BY number LIMIT ?2",
                  address, limit))
        all.push_back({row.integer(0), Json::parse(row.text(1)), row.blob(2)});
    return all;
}

void dropNotifications(storage::Tx& tx, const std::string& address, std::int64_t up_to) {
    tx.exec("DELETE FROM sync_notifications WHERE tenant_id = :tenant AND address = ?1 AND number <= ?2", address,
            up_to);
}

WatchFailure watchFailure(storage::Tx& tx, const StreamKey& key, const std::string& collection) {
    const auto row = tx.one(
        "SELECT failures, problem FROM sync_watch_failures WHERE tenant_id = :tenant AND connection_id = ?1 AND "
        "stream = ?2 AND collection = ?3",
        key.connection, key.stream, collection);
    return row ? WatchFailure{static_cast<int>(row->integer(0)), row->text(1)} : WatchFailure{};
}

void saveWatchFailure(storage::Tx& tx, const StreamKey& key, const std::string& collection, const WatchFailure& now) {
    if (now.failures == 0) {
        tx.exec(
            "DELETE FROM sync_watch_failures WHERE tenant_id = :tenant AND connection_id = ?1 AND stream = ?2 AND "
            "collection = ?3",
            key.connection, key.stream, collection);
        return;
    }
    tx.exec(
        "INSERT INTO sync_watch_failures (tenant_id, connection_id, stream, collection, failures, problem) "
        "VALUES (:tenant, ?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant_id, connection_id, stream, collection) "
        "DO UPDATE SET failures = excluded.failures, problem = excluded.problem",
        key.connection, key.stream, collection, now.failures, now.problem);
}

}  // namespace portico::sync
