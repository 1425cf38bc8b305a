// SPDX-License-Identifier: Apache-2.0
#include "host/crm/notes.h"

#include <algorithm>
#include <limits>

#include "host/crm/contacts.h"

namespace portico::crm {
namespace {

constexpr std::size_t kLongestNote = 64 * 1024;

Note fromRow(const storage::Row& row) { return {row.text(0), row.text(1), row.text(2), row.instant(3), row.text(4)}; }

}  // namespace

Note Notes::create(const CallContext& context, const std::string& contact_id, const std::string& text) {
    checkText("text", text, kLongestNote, false);
    Contacts(tx_, now_).get(context, contact_id);
    const Note note{newId(), contact_id, text, now_, context.actor.str()};
    tx_.exec("INSERT INTO notes (tenant_id, id, contact_id, text, at, author) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5)",
             note.id, contact_id, text, now_, note.author);
    recordChange(context, tx_, {"note.created", "note", note.id, 1, {}, Json::object({{"contactId", contact_id}})},
                 now_);
    return note;
}

void Notes::remove(const CallContext& context, const std::string& id) {
    const auto row = tx_.one("DELETE FROM notes WHERE tenant_id = :tenant AND id = ?1 RETURNING contact_id", id);
    if (!row) throw Error(Code::NotFound, "no_note", "this note does not exist");
    recordChange(context, tx_, {"note.deleted", "note", id, 2, {}, Json::object({{"contactId", row->text(0)}})}, now_);
}

std::vector<Note> Notes::list(const CallContext&, const std::string& contact_id, int limit) {
    std::vector<Note> notes;
    for (const storage::Row& row :
         tx_.query("SELECT id, contact_id, text, at, author FROM notes WHERE tenant_id = :tenant"
                   " AND contact_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2",
                   contact_id, std::clamp(limit, 1, 500)))
        notes.push_back(fromRow(row));
    return notes;
}

Page<TimelineEntry> timeline(const CallContext& context, storage::Tx& tx, const std::string& contact_id, int limit,
                             const std::string& after) {
    Contacts(tx, Instant()).get(context, contact_id);
    limit = std::clamp(limit, 1, 200);
    std::int64_t at = std::numeric_limits<std::int64_t>::max();
    std::string ref;
    if (!after.empty()) {
        const Json position = decodeCursor(after, 2);
        at = position.items()[0].integer();
        ref = position.items()[1].str();
    }
    const std::vector<storage::Row> rows = tx.query(
        "SELECT at, kind, title, text, ref FROM ("
        " SELECT at, 'note' AS kind, '' AS title, text, id AS ref FROM notes"
        " WHERE tenant_id = :tenant AND contact_id = ?1"
        " UNION ALL SELECT at, 'activity', title, text, id FROM contact_activity"
        " WHERE tenant_id = :tenant AND contact_id = ?1"
        " UNION ALL SELECT due_at, 'follow-up', title, notes, id FROM follow_ups"
        " WHERE tenant_id = :tenant AND contact_id = ?1"
        " UNION ALL SELECT created_at, 'file', name, '', id FROM files WHERE tenant_id = :tenant AND contact_id = ?1"
        " UNION ALL SELECT a.starts_at, 'appointment', a.title, a.status, a.id FROM appointment_contacts c"
        "  JOIN appointments a ON a.tenant_id = c.tenant_id AND a.id = c.appointment_id"
        "  WHERE c.tenant_id = :tenant AND c.contact_id = ?1)"
        " WHERE (at, ref) < (?2, ?3) ORDER BY at DESC, ref DESC LIMIT ?4",
        contact_id, at, ref, limit + 1);
    Page<TimelineEntry> page;
    for (const storage::Row& row : rows) {
        if (page.items.size() == static_cast<std::size_t>(limit)) {
            page.next = encodeCursor(Json::array({toMillis(page.items.back().at), page.items.back().ref}));
            break;
        }
        page.items.push_back({row.instant(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    }
    return page;
}

Json toJson(const Note& note) {
    return Json::object({{"id", note.id},
                         {"contactId", note.contact_id},
                         {"text", note.text},
                         {"at", formatInstant(note.at)},
                         {"author", note.author}});
}

Json toJson(const TimelineEntry& entry) {
    return Json::object({{"at", formatInstant(entry.at)},
                         {"kind", entry.kind},
                         {"title", entry.title},
                         {"text", entry.text},
                         {"ref", entry.ref}});
}

}  // namespace portico::crm
