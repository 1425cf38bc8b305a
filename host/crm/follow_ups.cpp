// SPDX-License-Identifier: Apache-2.0
#include "host/crm/follow_ups.h"

#include <algorithm>

#include "host/crm/catalogue.h"
#include "host/crm/contacts.h"
#include "host/crm/times.h"

namespace portico::crm {
namespace {

constexpr const char* kColumns =
    "SELECT id, version, contact_id, staff_id, title, notes, date, time, time_zone, due_at, done, provenance FROM "
    "follow_ups"
    " WHERE tenant_id = :tenant ";

FollowUp fromRow(const storage::Row& row) {
    FollowUp found;
    found.id = row.text(0);
    found.version = row.integer(1);
    found.contact_id = row.text(2);
    found.staff_id = row.optText(3);
    found.title = row.text(4);
    found.notes = row.text(5);
    found.date = row.text(6);
    found.time = row.optText(7);
    found.time_zone = row.text(8);
    found.due_at = row.instant(9);
    found.done = row.boolean(10);
    found.provenance = Provenance::parse(row.text(11));
    return found;
}

Json timeOf(const FollowUpInput& input) {
    return Json::object({{"start", input.date + "T" + input.time.value_or("00:00")},
                         {"timeZone", input.time_zone},
                         {"showWithoutTime", !input.time}});
}

FollowUp complete(const FollowUpInput& input) {
    checkText("title", input.title, 300, false);
    checkText("notes", input.notes, 16 * 1024, true);
    FollowUp follow_up;
    static_cast<FollowUpInput&>(follow_up) = input;
    checkDate(input.date);
    follow_up.due_at = input.time ? toUtc(input.date + "T" + *input.time, input.time_zone)
                                  : daySpan(input.date, 1, input.time_zone).from;
    return follow_up;
}

}  // namespace

void FollowUps::write(const FollowUp& f, bool exists) {
    const CallContext inside = CallContext::system(tx_.tenant(), "crm");
    Contacts(tx_, now_).get(inside, f.contact_id);
    if (f.staff_id) Staff(tx_, now_).get(inside, *f.staff_id);
    tx_.exec(
        exists
            ? "UPDATE follow_ups SET version = ?2, contact_id = ?3, staff_id = ?4, title = ?5, notes = ?6, date = ?7,"
              " time = ?8, time_zone = ?9, due_at = ?10, done = ?11, provenance = ?12 WHERE tenant_id = :tenant AND id "
              "= ?1"
            : "INSERT INTO follow_ups (tenant_id, id, version, contact_id, staff_id, title, notes, date, time,"
              " time_zone, due_at, done, provenance) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
              "?12)",
        f.id, f.version, f.contact_id, f.staff_id, f.title, f.notes, f.date, f.time, f.time_zone, f.due_at, f.done,
        f.provenance.text());
}

FollowUp FollowUps::create(const CallContext& context, const FollowUpInput& input) {
    FollowUp follow_up = complete(input);
    follow_up.id = newId();
    follow_up.version = 1;
    follow_up.provenance = Provenance().after(context, Json::object(), timeOf(follow_up));
    write(follow_up, false);
    recordChange(
        context, tx_,
        {"follow-up.created", "follow-up", follow_up.id, 1, {}, Json::object({{"contactId", follow_up.contact_id}})},
        now_);
    return follow_up;
}

std::optional<FollowUp> FollowUps::find(const CallContext&, const std::string& id) {
    const auto row = tx_.one(std::string(kColumns) + "AND id = ?1", id);
    return row ? std::optional(fromRow(*row)) : std::nullopt;
}

FollowUp FollowUps::get(const CallContext& context, const std::string& id) {
    std::optional<FollowUp> found = find(context, id);
    if (!found) throw Error(Code::NotFound, "no_follow_up", "this follow-up does not exist");
    return std::move(*found);
}

FollowUp FollowUps::update(const CallContext& context, const std::string& id, Version expected,
                           const FollowUpInput& input) {
    const FollowUp before = get(context, id);
    checkVersion("the follow-up", expected, before.version);
    FollowUp after = complete(input);
    after.id = id;
    after.version = before.version;
    after.provenance = before.provenance.after(context, timeOf(before), timeOf(after));
    const std::vector<std::string> changed = changedMembers(toJson(before), toJson(after));
    if (changed.empty()) return before;
    ++after.version;
    write(after, true);
    const bool finished = after.done && !before.done;
    recordChange(context, tx_,
                 {finished ? "follow-up.completed" : "follow-up.updated", "follow-up", id, after.version, changed,
                  Json::object({{"contactId", after.contact_id}})},
                 now_);
    return after;
}

void FollowUps::remove(const CallContext& context, const std::string& id, Version expected) {
    const FollowUp before = get(context, id);
    checkVersion("the follow-up", expected, before.version);
    tx_.exec("DELETE FROM follow_ups WHERE tenant_id = :tenant AND id = ?1", id);
    recordChange(context, tx_, {"follow-up.deleted", "follow-up", id, before.version + 1, {}, Json::object()}, now_);
}

std::vector<FollowUp> FollowUps::list(const CallContext&, const FollowUpQuery& query) {
    std::vector<FollowUp> found;
    for (const storage::Row& row :
         tx_.query(std::string(kColumns) + "AND (?1 IS NULL OR contact_id = ?1) AND (?2 IS NULL OR done = ?2)"
                                           " AND (?3 IS NULL OR due_at >= ?3) AND (?4 IS NULL OR due_at < ?4)"
                                           " ORDER BY due_at, id LIMIT ?5",
                   query.contact_id, query.done, query.due_from, query.due_until, std::clamp(query.limit, 1, 1000)))
        found.push_back(fromRow(row));
    return found;
}

Json toJson(const FollowUp& f) {
    Json json = Json::object({{"id", f.id}, {"version", f.version}, {"contactId", f.contact_id}});
    if (f.staff_id) json.set("staffId", *f.staff_id);
    json.set("title", f.title).set("notes", f.notes).set("date", f.date);
    if (f.time) json.set("time", *f.time);
    return json.set("timeZone", f.time_zone).set("done", f.done);
}

FollowUpInput followUpInput(const Json& json) {
    FollowUpInput input;
    input.contact_id = json.str("contactId");
    input.staff_id = json.optStr("staffId");
    input.title = json.str("title");
    input.notes = json.getStr("notes");
    input.date = json.str("date");
    input.time = json.optStr("time");
    input.time_zone = json.str("timeZone");
    input.done = json.getBool("done");
    return input;
}

}  // namespace portico::crm
