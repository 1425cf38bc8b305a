// SPDX-License-Identifier: Apache-2.0
#include "host/crm/occupancy.h"

#include <algorithm>

namespace portico::crm {
namespace {

Json toJson(const Busy& busy) {
    return Json::object({{"kind", busy.kind},
                         {"id", busy.id},
                         {"title", busy.title},
                         {"start", formatInstant(busy.span.from)},
                         {"end", formatInstant(busy.span.until)}});
}

// Takes `taken` out of every span of `from`.
std::vector<Span> without(const std::vector<Span>& from, Span taken) {
    std::vector<Span> rest;
    for (const Span span : from) {
        if (taken.until <= span.from || taken.from >= span.until) {
            rest.push_back(span);
            continue;
        }
        if (span.from < taken.from) rest.push_back({span.from, taken.from});
        if (taken.until < span.until) rest.push_back({taken.until, span.until});
    }
    return rest;
}

// One answer for a span kept in several pieces.
void mergePieces(std::vector<Busy>& found) {
    std::vector<Busy> merged;
    for (Busy& busy : found) {
        const auto same = std::find_if(merged.begin(), merged.end(), [&](const Busy& other) {
            return other.kind == busy.kind && other.id == busy.id && other.span.until == busy.span.from;
        });
        if (same != merged.end())
            same->span.until = busy.span.until;
        else
            merged.push_back(std::move(busy));
    }
    found = std::move(merged);
}

}  // namespace

std::vector<Busy> Occupancy::overlapping(const std::string& staff_id, Span span, const std::string& except_id,
                                         const std::string& only_kind) {
    // No piece is longer than a day: what overlaps started after `from` minus a day. The key answers this range at
    // once.
    std::vector<Busy> found;
    for (const storage::Row& row : tx_.query(
             "SELECT o.kind, o.subject_id, coalesce(a.title, b.title, 'Busy in another calendar'), o.starts_at,"
             " o.ends_at FROM occupancies o"
             " LEFT JOIN appointments a ON a.tenant_id = o.tenant_id AND a.id = o.subject_id AND o.kind = 'appointment'"
             " LEFT JOIN block_times b ON b.tenant_id = o.tenant_id AND b.id = o.subject_id AND o.kind = 'block-time'"
             " WHERE o.tenant_id = :tenant AND o.staff_id = ?1 AND o.starts_at > ?2 AND o.starts_at < ?3"
             " AND o.ends_at > ?4"
             " AND o.subject_id <> ?5 AND (?6 = '' OR o.kind = ?6) ORDER BY o.starts_at LIMIT 50",
             staff_id, span.from - kDay - Millis(1), span.until, span.from, except_id, only_kind))
        found.push_back({row.text(0), row.text(1), row.text(2), {row.instant(3), row.instant(4)}});
    mergePieces(found);
    return found;
}

void Occupancy::refuseOverlap(const std::string& staff_id, Span span, const std::string& except_id,
                              const std::string& only_kind) {
    const std::vector<Busy> conflicts = overlapping(staff_id, span, except_id, only_kind);
    if (conflicts.empty()) return;
    Json list = Json::array();
    for (const Busy& busy : conflicts) list.push(toJson(busy));
    throw Error(Code::Conflict, "double_booking",
                "book this time: the member of staff is busy then (" + conflicts.front().title +
                    "); choose another time or another person")
        .withDetails(Json::object({{"conflicts", std::move(list)}}).dump());
}

void Occupancy::occupy(const std::string& staff_id, const std::string& kind, const std::string& id, Span span) {
    clear(kind, id);
    for (Instant from = span.from; from < span.until; from += kDay)
        tx_.exec(
            "INSERT INTO occupancies (tenant_id, staff_id, starts_at, ends_at, kind, subject_id)"
            " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5)",
            staff_id, from, std::min(from + kDay, span.until), kind, id);
}

void Occupancy::clear(const std::string& kind, const std::string& id) {
    tx_.exec("DELETE FROM occupancies WHERE tenant_id = :tenant AND kind = ?1 AND subject_id = ?2", kind, id);
}

void replaceExternalBusy(const CallContext&, storage::Tx& tx, const ExternalBusy& external, Instant now) {
    tx.exec(
        "INSERT INTO external_busy_sources (tenant_id, staff_id, source, window_from, window_until, fetched_at)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant_id, staff_id, source)"
        " DO UPDATE SET window_from = ?3, window_until = ?4, fetched_at = ?5",
        external.staff_id, external.source, external.window.from, external.window.until, now);
    tx.exec(
        "DELETE FROM occupancies WHERE tenant_id = :tenant AND kind = 'external' AND staff_id = ?1 AND subject_id = ?2",
        external.staff_id, external.source);
    std::vector<Span> busy = external.busy;
    for (const storage::Row& row :
         tx.query("SELECT starts_at, ends_at FROM appointments WHERE tenant_id = :tenant"
                  " AND staff_id = ?1 AND starts_at < ?3 AND ends_at > ?2 AND status <> 'cancelled'"
                  " UNION ALL SELECT starts_at, ends_at FROM block_times WHERE tenant_id = :tenant"
                  " AND staff_id = ?1 AND starts_at < ?3 AND ends_at > ?2",
                  external.staff_id, external.window.from, external.window.until))
        busy = without(busy, {row.instant(0), row.instant(1)});
    for (const Span span : busy)
        for (Instant from = span.from; from < span.until; from += kDay)
            tx.exec(
                "INSERT INTO occupancies (tenant_id, staff_id, starts_at, ends_at, kind, subject_id)"
                " VALUES (:tenant, ?1, ?2, ?3, 'external', ?4) ON CONFLICT DO NOTHING",
                external.staff_id, from, std::min(from + kDay, span.until), external.source);
}

void forgetExternalBusy(const CallContext&, storage::Tx& tx, const std::string& source) {
    tx.exec("DELETE FROM occupancies WHERE tenant_id = :tenant AND kind = 'external' AND subject_id = ?1", source);
    tx.exec("DELETE FROM external_busy_sources WHERE tenant_id = :tenant AND source = ?1", source);
}

std::optional<Instant> externalBusyFetchedAt(storage::Tx& tx, const std::string& staff_id) {
    return tx
        .one("SELECT min(fetched_at) FROM external_busy_sources WHERE tenant_id = :tenant AND staff_id = ?1", staff_id)
        ->optInstant(0);
}

}  // namespace portico::crm
