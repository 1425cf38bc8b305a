// SPDX-License-Identifier: Apache-2.0
#include "host/crm/appointments.h"

#include <algorithm>

#include "host/crm/catalogue.h"
#include "host/crm/occupancy.h"

namespace portico::crm {
namespace {

constexpr int kMostInList = 2000;
constexpr std::size_t kMostPeople = 200;
constexpr const char* kColumns =
    "id, version, kind, title, service_id, staff_id, start_local, time_zone, duration_minutes, starts_at,"
    " ends_at, status, notes, participants, created_at, updated_at, provenance";

Json participantsJson(const std::vector<Participant>& participants) {
    Json list = Json::array();
    for (const Participant& person : participants) {
        Json item = Json::object({{"name", person.name}, {"email", person.email}});
        if (person.contact_id) item.set("contactId", *person.contact_id);
        list.push(std::move(item));
    }
    return list;
}

std::vector<Participant> participantsFrom(const Json& list) {
    std::vector<Participant> participants;
    for (const Json& item : list.items())
        participants.push_back({item.getStr("name"), item.getStr("email"), item.optStr("contactId")});
    return participants;
}

// What a calendar can change: the only members of ours that come from elsewhere.
Json timeOf(const AppointmentInput& input) {
    return Json::object({{"start", input.start}, {"timeZone", input.time_zone}, {"duration", input.duration_minutes}});
}

bool occupies(const Appointment& appointment) {
    return appointment.status == "confirmed" || appointment.status == "completed";
}

void check(const AppointmentInput& input) {
    const auto refuse = [](const std::string& why) { throw Error(Code::Invalid, "bad_member", why); };
    if (input.kind != "appointment" && input.kind != "meeting") refuse("kind: must be appointment or meeting");
    if (input.status != "confirmed" && input.status != "cancelled" && input.status != "completed" &&
        input.status != "noShow")
        refuse("status: must be confirmed, cancelled, completed or noShow");
    if (input.staff_id.empty()) refuse("staffId: choose who does it");
    if (input.duration_minutes < 0 || input.duration_minutes > kLongestAppointmentMinutes)
        refuse("durationMinutes: must be from 1 to 1440");
    if (input.contact_ids.size() > kMostPeople || input.participants.size() > kMostPeople)
        refuse("contactIds and participants: at most 200 each");
    checkText("title", input.title, 300, true);
    checkText("notes", input.notes, 16 * 1024, true);
    for (const Participant& person : input.participants) {
        checkText("participants/name", person.name, 200, true);
        checkText("participants/email", person.email, 254, true);
    }
}

Appointment fromRow(const storage::Row& row) {
    Appointment found;
    found.id = row.text(0);
    found.version = row.integer(1);
    found.kind = row.text(2);
    found.title = row.text(3);
    found.service_id = row.optText(4);
    found.staff_id = row.text(5);
    found.start = row.text(6);
    found.time_zone = row.text(7);
    found.duration_minutes = static_cast<int>(row.integer(8));
    found.starts_at = row.instant(9);
    found.ends_at = row.instant(10);
    found.status = row.text(11);
    found.notes = row.text(12);
    found.participants = participantsFrom(Json::parse(row.text(13)));
    found.created_at = row.instant(14);
    found.updated_at = row.instant(15);
    found.provenance = Provenance::parse(row.text(16));
    return found;
}

std::string select(const std::string& where) {
    return std::string("SELECT ") + kColumns + " FROM appointments WHERE tenant_id = :tenant " + where;
}

}  // namespace

Appointment Appointments::complete(const CallContext& context, const AppointmentInput& input, int& buffer_minutes) {
    check(input);
    Appointment appointment;
    static_cast<AppointmentInput&>(appointment) = input;
    Staff(tx_, now_).get(context, input.staff_id);
    buffer_minutes = 0;
    if (input.service_id) {
        const Service service = Services(tx_, now_).get(context, *input.service_id);
        buffer_minutes = service.buffer_minutes;
        if (input.duration_minutes == 0) appointment.duration_minutes = service.duration_minutes;
        if (input.title.empty()) appointment.title = service.name;
    }
    if (appointment.duration_minutes == 0)
        throw Error(Code::Invalid, "bad_member", "durationMinutes: say how long it takes, or choose a service");
    if (appointment.title.empty())
        throw Error(Code::Invalid, "bad_member", "title: give it a title, or choose a service");
    appointment.starts_at = toUtc(input.start, input.time_zone);
    appointment.start = input.start.substr(0, 16);
    appointment.ends_at = appointment.starts_at + std::chrono::minutes(appointment.duration_minutes);
    appointment.updated_at = now_;
    auto& ids = appointment.contact_ids;
    for (auto id = ids.begin(); id != ids.end();) id = std::find(ids.begin(), id, *id) != id ? ids.erase(id) : id + 1;
    return appointment;
}

void Appointments::write(const Appointment& a, bool exists) {
    const std::string people = participantsJson(a.participants).dump();
    const char* sql =
        exists
            ? "UPDATE appointments SET version = ?2, kind = ?3, title = ?4, service_id = ?5, staff_id = ?6,"
              " start_local = ?7, time_zone = ?8, duration_minutes = ?9, starts_at = ?10, ends_at = ?11, status = ?12,"
              " notes = ?13, participants = ?14, created_at = ?15, updated_at = ?16, provenance = ?17"
              " WHERE tenant_id = :tenant AND id = ?1"
            : "INSERT INTO appointments (tenant_id, id, version, kind, title, service_id, staff_id, start_local,"
              " time_zone, duration_minutes, starts_at, ends_at, status, notes, participants, created_at, updated_at,"
              " provenance) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
              " ?17)";
    tx_.exec(sql, a.id, a.version, a.kind, a.title, a.service_id, a.staff_id, a.start, a.time_zone, a.duration_minutes,
             a.starts_at, a.ends_at, a.status, a.notes, people, a.created_at, a.updated_at, a.provenance.text());
    tx_.exec("DELETE FROM appointment_contacts WHERE tenant_id = :tenant AND appointment_id = ?1", a.id);
    for (std::size_t i = 0; i < a.contact_ids.size(); ++i) {
        // The reference would be refused by the database as well, but not in words for people.
        if (!tx_.one("SELECT 1 FROM contacts WHERE tenant_id = :tenant AND id = ?1", a.contact_ids[i]))
            throw Error(Code::NotFound, "no_contact", "book for a contact: this contact does not exist");
        tx_.exec(
            "INSERT INTO appointment_contacts (tenant_id, appointment_id, contact_id, position)"
            " VALUES (:tenant, ?1, ?2, ?3)",
            a.id, a.contact_ids[i], i);
    }
}

void Appointments::guard(const Appointment& appointment, int buffer_minutes) {
    Occupancy occupancy(tx_);
    if (!occupies(appointment)) return occupancy.clear("appointment", appointment.id);
    const Span span{appointment.starts_at, appointment.ends_at + std::chrono::minutes(buffer_minutes)};
    occupancy.refuseOverlap(appointment.staff_id, span, appointment.id);
    occupancy.occupy(appointment.staff_id, "appointment", appointment.id, span);
}

std::vector<Warning> Appointments::warningsOf(const CallContext& context, const Appointment& appointment) {
    std::vector<Warning> warnings;
    if (!occupies(appointment)) return warnings;
    const StaffMember member = Staff(tx_, now_).get(context, appointment.staff_id);
    if (!withinWorkingHours(member.working_hours, weekTime(appointment.start), appointment.duration_minutes))
        warnings.push_back({"outside_working_hours", member.name + " does not work at this time"});
    if (!member.active) warnings.push_back({"inactive_staff", member.name + " is not active any more"});
    if (appointment.ends_at < now_) warnings.push_back({"past", "this time is in the past"});
    return warnings;
}

Booked Appointments::create(const CallContext& context, const AppointmentInput& input) {
    int buffer_minutes = 0;
    Appointment appointment = complete(context, input, buffer_minutes);
    appointment.id = newId();
    appointment.version = 1;
    appointment.created_at = now_;
    appointment.provenance = Provenance().after(context, Json::object(), timeOf(appointment));
    guard(appointment, buffer_minutes);
    write(appointment, false);
    recordChange(
        context, tx_,
        {"appointment.created", "appointment", appointment.id, 1, {}, Json::object({{"status", appointment.status}})},
        now_);
    return {appointment, warningsOf(context, appointment)};
}

Booked Appointments::update(const CallContext& context, const std::string& id, Version expected,
                            const AppointmentInput& input) {
    const Appointment before = get(context, id);
    checkVersion("the appointment", expected, before.version);
    int buffer_minutes = 0;
    Appointment after = complete(context, input, buffer_minutes);
    after.id = id;
    after.version = before.version;
    after.created_at = before.created_at;
    after.provenance = before.provenance.after(context, timeOf(before), timeOf(after));
    const std::vector<std::string> changed = changedMembers(toJson(before), toJson(after));
    if (changed.empty()) return {before, warningsOf(context, before)};
    ++after.version;
    guard(after, buffer_minutes);
    write(after, true);
    const bool cancelled = after.status == "cancelled" && before.status != "cancelled";
    recordChange(context, tx_,
                 {cancelled ? "appointment.cancelled" : "appointment.updated", "appointment", id, after.version,
                  changed, Json::object({{"status", after.status}})},
                 now_);
    return {after, warningsOf(context, after)};
}

Appointment Appointments::setStatus(const CallContext& context, const std::string& id, Version expected,
                                    const std::string& status) {
    AppointmentInput input = get(context, id);
    input.status = status;
    return update(context, id, expected, input).appointment;
}

void Appointments::remove(const CallContext& context, const std::string& id, Version expected) {
    const Appointment before = get(context, id);
    checkVersion("the appointment", expected, before.version);
    Occupancy(tx_).clear("appointment", id);
    tx_.exec("DELETE FROM appointments WHERE tenant_id = :tenant AND id = ?1", id);
    recordChange(context, tx_, {"appointment.deleted", "appointment", id, before.version + 1, {}, Json::object()},
                 now_);
}

std::optional<Appointment> Appointments::find(const CallContext&, const std::string& id) {
    std::vector<Appointment> found = fromRows(tx_.query(select("AND id = ?1"), id));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Appointment Appointments::get(const CallContext& context, const std::string& id) {
    std::optional<Appointment> found = find(context, id);
    if (!found) throw Error(Code::NotFound, "no_appointment", "this appointment does not exist");
    return std::move(*found);
}

std::vector<Appointment> Appointments::list(const CallContext&, const AppointmentQuery& query) {
    // No appointment is longer than a day: the range of starts is bounded on both sides.
    return fromRows(tx_.query(select("AND starts_at > ?1 AND starts_at < ?2 AND ends_at > ?3"
                                     " AND (?4 IS NULL OR staff_id = ?4) AND (?5 OR status <> 'cancelled')"
                                     " ORDER BY starts_at, id LIMIT ?6"),
                              query.span.from - kDay - Millis(1), query.span.until, query.span.from, query.staff_id,
                              query.cancelled_too, kMostInList));
}

std::vector<Appointment> Appointments::ofContact(const CallContext&, const std::string& contact_id, int limit) {
    return fromRows(
        tx_.query(select("AND id IN (SELECT appointment_id FROM appointment_contacts WHERE tenant_id = :tenant"
                         " AND contact_id = ?1) ORDER BY starts_at DESC, id LIMIT ?2"),
                  contact_id, limit));
}

std::vector<Appointment> Appointments::fromRows(const std::vector<storage::Row>& rows) {
    std::vector<Appointment> found;
    for (const storage::Row& row : rows) {
        found.push_back(fromRow(row));
        for (const storage::Row& contact :
             tx_.query("SELECT contact_id FROM appointment_contacts WHERE tenant_id = :tenant"
                       " AND appointment_id = ?1 ORDER BY position",
                       found.back().id))
            found.back().contact_ids.push_back(contact.text(0));
    }
    return found;
}

}  // namespace portico::crm
