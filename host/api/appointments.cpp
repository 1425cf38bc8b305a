// SPDX-License-Identifier: Apache-2.0
#include "host/crm/appointments.h"

#include "host/api/booking.h"
#include "host/api/fields.h"
#include "host/api/resources.h"
#include "host/api/views.h"

namespace portico::api {
namespace {

constexpr int kMostOfContact = 2'000;

Json appointmentJson(storage::Tx& tx, Names& names, const crm::Appointment& appointment) {
    Json contacts = Json::array();
    for (const std::string& id : appointment.contact_ids)
        contacts.push(Json::object({{"id", id}, {"displayName", names.contact(id)}}));
    return withNulls(crm::toJson(appointment), {"serviceId"})
        .set("contacts", std::move(contacts))
        .set("sync", syncJson(tx, "appointment", appointment.id));
}

Json bookedJson(Call& call, storage::Tx& tx, const crm::Booked& booked) {
    Names names(call, tx);
    return appointmentJson(tx, names, booked.appointment).set("warnings", crm::toJson(booked.warnings));
}

Json read(Call& call) {
    Json body = call.request.json();
    const Fields fields(body, {"kind", "title", "contactIds", "serviceId", "staffId", "start", "timeZone",
                               "durationMinutes", "status", "notes", "participants"});
    fields.text("staffId");
    fields.text("start");
    if (const Json* participants = fields.optItems("participants")) {
        int index = 0;
        for (const Json& participant : participants->items())
            Fields(participant, {"name", "email", "contactId"}, "/participants/" + std::to_string(index++));
    }
    return body;
}

crm::AppointmentInput inputOf(Call& call, storage::Tx& tx, const Json& body) {
    Json whole = body;
    if (!whole.optStr("timeZone")) whole.set("timeZone", tenantZone(call, tx));
    return crm::appointmentInput(whole);
}

http::Response listAppointments(Call& call) {
    return call.read([&](storage::Tx& tx) {
        crm::Appointments appointments(tx, call.now());
        const crm::Span span = spanOf(call, tx);
        const auto staff = call.given("staffId");
        const auto contact = call.given("contactId");
        Names names(call, tx);
        std::vector<Json> items;
        const auto found = contact ? appointments.ofContact(call.ctx, *contact, kMostOfContact)
                                   : appointments.list(call.ctx, {span, staff, true});
        for (const crm::Appointment& appointment : found) {
            const bool inside = appointment.starts_at < span.until && appointment.ends_at > span.from;
            if (inside && (!staff || appointment.staff_id == *staff))
                items.push_back(appointmentJson(tx, names, appointment));
        }
        return pageOf(call, std::move(items));
    });
}

http::Response createAppointment(Call& call) {
    const Json body = read(call);
    return booking(body.str("staffId"), [&] {
        return call.writeOnce([&](storage::Tx& tx) {
            const auto booked = crm::Appointments(tx, call.now()).create(call.ctx, inputOf(call, tx, body));
            return created(bookedJson(call, tx, booked));
        });
    });
}

http::Response getAppointment(Call& call) {
    return call.read([&](storage::Tx& tx) {
        Names names(call, tx);
        return versioned(appointmentJson(
            tx, names, crm::Appointments(tx, call.now()).get(call.ctx, call.request.idVar("appointmentId"))));
    });
}

http::Response replaceAppointment(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    const Json body = read(call);
    return booking(body.str("staffId"), [&] {
        return call.write([&](storage::Tx& tx) {
            const auto booked =
                crm::Appointments(tx, call.now())
                    .update(call.ctx, call.request.idVar("appointmentId"), expected, inputOf(call, tx, body));
            return versioned(bookedJson(call, tx, booked));
        });
    });
}

http::Response deleteAppointment(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    call.write([&](storage::Tx& tx) {
        crm::Appointments(tx, call.now()).remove(call.ctx, call.request.idVar("appointmentId"), expected);
    });
    return http::Response::empty();
}

http::Response cancelAppointment(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    return call.write([&](storage::Tx& tx) {
        Names names(call, tx);
        return versioned(
            appointmentJson(tx, names,
                            crm::Appointments(tx, call.now())
                                .setStatus(call.ctx, call.request.idVar("appointmentId"), expected, "cancelled")));
    });
}

}  // namespace

void addAppointments(Routes& routes) {
    routes.get("/appointments", listAppointments);
    routes.post("/appointments", createAppointment);
    routes.get("/appointments/{appointmentId}", getAppointment);
    routes.put("/appointments/{appointmentId}", replaceAppointment);
    routes.del("/appointments/{appointmentId}", deleteAppointment);
    routes.post("/appointments/{appointmentId}/cancel", cancelAppointment);
}

}  // namespace portico::api
