// SPDX-License-Identifier: Apache-2.0
#include "host/crm/appointments.h"

namespace portico::crm {

Json toJson(const Appointment& a) {
    Json contacts = Json::array();
    for (const std::string& id : a.contact_ids) contacts.push(id);
    Json participants = Json::array();
    for (const Participant& person : a.participants) {
        Json item = Json::object({{"name", person.name}, {"email", person.email}});
        if (person.contact_id) item.set("contactId", *person.contact_id);
        participants.push(std::move(item));
    }
    Json json = Json::object({{"id", a.id},
                              {"version", a.version},
                              {"kind", a.kind},
                              {"title", a.title},
                              {"contactIds", std::move(contacts)}});
    if (a.service_id) json.set("serviceId", *a.service_id);
    return json.set("staffId", a.staff_id)
        .set("start", a.start)
        .set("timeZone", a.time_zone)
        .set("durationMinutes", a.duration_minutes)
        .set("startsAt", formatInstant(a.starts_at))
        .set("endsAt", formatInstant(a.ends_at))
        .set("status", a.status)
        .set("notes", a.notes)
        .set("participants", std::move(participants));
}

AppointmentInput appointmentInput(const Json& json) {
    AppointmentInput input;
    input.kind = json.getStr("kind", input.kind);
    input.title = json.getStr("title");
    if (const Json* ids = json.find("contactIds"); ids != nullptr && !ids->isNull())
        for (const Json& id : ids->items()) input.contact_ids.push_back(id.str());
    input.service_id = json.optStr("serviceId");
    input.staff_id = json.str("staffId");
    input.start = json.str("start");
    input.time_zone = json.str("timeZone");
    input.duration_minutes = boundedInt(json, "durationMinutes", 0);
    input.status = json.getStr("status", input.status);
    input.notes = json.getStr("notes");
    if (const Json* people = json.find("participants"); people != nullptr && !people->isNull())
        for (const Json& person : people->items())
            input.participants.push_back({person.getStr("name"), person.getStr("email"), person.optStr("contactId")});
    return input;
}

Json toJson(const std::vector<Warning>& warnings) {
    Json list = Json::array();
    for (const Warning& warning : warnings) list.push(Json::object({{"code", warning.code}, {"text", warning.text}}));
    return list;
}

}  // namespace portico::crm
