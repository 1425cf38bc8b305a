// SPDX-License-Identifier: Apache-2.0
#include "host/storage/outbox.h"

namespace portico::storage {

std::int64_t appendEvent(Tx& tx, const CallContext& context, const Event& event, Instant now) {
    if (context.tenant != tx.tenant())
        throw Error(Code::Internal, "tenant_rule", "append " + event.type + ": the caller acts for another tenant");
    const std::int64_t seq = tx.one(
                                   "INSERT INTO outbox_heads (tenant_id, seq) VALUES (:tenant, 1)"
                                   " ON CONFLICT (tenant_id) DO UPDATE SET seq = seq + 1 RETURNING seq")
                                 ->integer(0);
    tx.exec(
        "INSERT INTO outbox (tenant_id, seq, type, subject_kind, subject_id, data, actor, via, trace, at)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        seq, event.type, event.subject_kind, event.subject_id, event.data.dump(), context.actor.str(),
        context.actor.via, context.trace, now);
    tx.eventAppended();
    return seq;
}

std::vector<StoredEvent> eventsAfter(Tx& tx, std::int64_t seq, int limit) {
    std::vector<StoredEvent> events;
    for (const Row& row : tx.query("SELECT seq, type, subject_kind, subject_id, data, actor, via, trace, at FROM outbox"
                                   " WHERE tenant_id = :tenant AND seq > ?1 ORDER BY seq LIMIT ?2",
                                   seq, limit))
        events.push_back({row.integer(0),
                          {row.text(1), row.text(2), row.text(3), Json::parse(row.text(4))},
                          row.text(5),
                          row.text(6),
                          row.text(7),
                          row.instant(8)});
    return events;
}

void registerConsumers(Tx& tx, const std::vector<std::string>& consumers) {
    for (const std::string& consumer : consumers)
        tx.exec(
            "INSERT INTO event_consumers (tenant_id, consumer, acked_seq) SELECT :tenant, ?1,"
            " coalesce((SELECT min(seq) - 1 FROM outbox WHERE tenant_id = :tenant),"
            "          (SELECT seq FROM outbox_heads WHERE tenant_id = :tenant), 0)"
            " ON CONFLICT DO NOTHING",
            consumer);
}

void joinConsumer(Tx& tx, const std::string& consumer) {
    tx.exec(
        "INSERT INTO event_consumers (tenant_id, consumer, acked_seq) VALUES (:tenant, ?1, ?2) ON CONFLICT DO NOTHING",
        consumer, newestSeq(tx));
}

void leaveConsumer(Tx& tx, const std::string& consumer) {
    tx.exec("DELETE FROM event_consumers WHERE tenant_id = :tenant AND consumer = ?1", consumer);
}

bool isConsumer(Tx& tx, const std::string& consumer) {
    return tx.one("SELECT 1 FROM event_consumers WHERE tenant_id = :tenant AND consumer = ?1", consumer).has_value();
}

std::int64_t newestSeq(Tx& tx) {
    return tx.one("SELECT coalesce(max(seq), 0) FROM outbox_heads WHERE tenant_id = :tenant")->integer(0);
}

std::int64_t ackedSeq(Tx& tx, const std::string& consumer) {
    const auto row =
        tx.one("SELECT acked_seq FROM event_consumers WHERE tenant_id = :tenant AND consumer = ?1", consumer);
    return row ? row->integer(0) : 0;
}

void ack(Tx& tx, const std::string& consumer, std::int64_t seq) {
    if (tx.exec("UPDATE event_consumers SET acked_seq = max(acked_seq, ?2) WHERE tenant_id = :tenant AND consumer = ?1",
                consumer, seq) == 0)
        throw Error(Code::NotFound, "no_consumer",
                    "acknowledge events: '" + consumer + "' is not a registered consumer");
    tx.exec(
        "DELETE FROM outbox WHERE tenant_id = :tenant AND seq <="
        " (SELECT min(acked_seq) FROM event_consumers WHERE tenant_id = :tenant)");
}

std::vector<TenantId> tenantsWithEvents(SystemTx& tx) {
    std::vector<TenantId> tenants;
    for (const Row& row : tx.query("SELECT tenant_id FROM outbox_heads ORDER BY tenant_id"))
        tenants.emplace_back(row.text(0));
    return tenants;
}

std::vector<Place> placesOf(SystemTx& tx, const std::string& prefix) {
    std::vector<Place> places;
    for (const Row& row : tx.query("SELECT tenant_id, consumer FROM event_consumers"
                                   " WHERE substr(consumer, 1, length(?1)) = ?1 ORDER BY tenant_id, consumer",
                                   prefix))
        places.push_back({TenantId(row.text(0)), row.text(1)});
    return places;
}

}  // namespace portico::storage
