// SPDX-License-Identifier: Apache-2.0
#include "host/api/panel_context.h"

#include <algorithm>

#include "host/api/ports.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/crm/appointments.h"
#include "host/crm/contacts.h"
#include "host/plugin/exits.h"
#include "host/sync/links.h"
#include "host/sync/service.h"

namespace portico::api {
namespace {

constexpr std::size_t kMostAppointments = 5;
constexpr int kLookedThrough = 50;  // the newest appointments of a client, among which those to come are

std::string requiredId(Call& call, const char* parameter) {
    std::string id = call.text(parameter);
    if (!isId(id))
        throw Error(Code::Invalid, "invalid_parameter", std::string("draw this panel: name the ") + parameter);
    return id;
}

Json linksJson(storage::Tx& tx, const ConnectionId& connection, const std::string& kind, const std::string& id) {
    Json links = Json::array();
    if (connection.empty()) return links;
    for (const auto& [stream, link] : sync::recordLinks(tx, connection, kind, id)) {
        Json item = Json::object(
            {{"stream", stream}, {"collection", link.collection}, {"ref", link.remote_ref}, {"state", link.state}});
        if (!link.reason.empty()) item.set("reason", link.reason);
        links.push(std::move(item));
    }
    return links;
}

// Without its time when that came from another plugin's calendar (plugin/exits.h).
Json appointmentJson(storage::Tx& tx, const manifest::Manifest& manifest, const ConnectionId& connection,
                     const crm::Appointment& appointment) {
    Json json = Json::object({{"id", appointment.id}});
    if (plugin::Reader(tx, manifest).mayAll("event", appointment.provenance))
        json.set("start", appointment.start)
            .set("starts_at", formatInstant(appointment.starts_at))
            .set("ends_at", formatInstant(appointment.ends_at));
    return json.set("links", linksJson(tx, connection, "appointment", appointment.id));
}

// The next ones first.
Json comingAppointments(Call& call, storage::Tx& tx, const manifest::Manifest& manifest, const ConnectionId& connection,
                        const std::string& contact) {
    std::vector<crm::Appointment> all = crm::Appointments(tx, call.now()).ofContact(call.ctx, contact, kLookedThrough);
    std::erase_if(
        all, [&](const crm::Appointment& each) { return each.status != "confirmed" || each.ends_at <= call.now(); });
    std::reverse(all.begin(), all.end());  // they came newest first
    if (all.size() > kMostAppointments) all.resize(kMostAppointments);
    Json list = Json::array();
    for (const crm::Appointment& each : all) list.push(appointmentJson(tx, manifest, connection, each));
    return list;
}

bool mayReadEvents(const manifest::Manifest& manifest) {
    return std::any_of(manifest.records.begin(), manifest.records.end(),
                       [](const manifest::RecordAccess& access) { return access.kind == "event" && access.read; });
}

Json streamsJson(Call& call, const manifest::Manifest& manifest, const ConnectionId& connection) {
    Json streams = Json::array();
    for (const sync::StreamStatus& each : call.services.sync.status(call.ctx)) {
        if (each.plugin != manifest.id.str() || each.connection != connection) continue;
        Json item = Json::object({{"stream", each.stream},
                                  {"title", each.title},
                                  {"state", each.state},
                                  {"synced", each.counts.synced},
                                  {"waiting", each.counts.waiting},
                                  {"failed", each.counts.failed},
                                  {"conflicts", each.counts.conflict}});
        if (!each.problem.empty()) item.set("problem", each.problem);
        if (each.last_pull_at) item.set("last_pull_at", formatInstant(fromMillis(*each.last_pull_at)));
        if (each.last_push_at) item.set("last_push_at", formatInstant(fromMillis(*each.last_push_at)));
        streams.push(std::move(item));
    }
    return streams;
}

// Two letters, from the page; plugins have no other way to know.
std::string localeOf(Call& call) {
    const std::string asked = call.text("locale");
    const bool plain =
        asked.size() == 2 && std::all_of(asked.begin(), asked.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return plain ? asked : "en";
}

}  // namespace

Json panelContext(Call& call, const manifest::Manifest& manifest, const ConnectionId& connection,
                  const std::string& point) {
    Json context = Json::object({{"point", point}, {"locale", localeOf(call)}});
    call.read([&](storage::Tx& tx) {
        context.set("time_zone", tenantZone(call, tx));
        if (point == "client.panel/v1") {
            const std::string id = crm::Contacts(tx, call.now()).get(call.ctx, requiredId(call, "contact")).id;
            context.set("contact", Json::object({{"id", id}, {"links", linksJson(tx, connection, "contact", id)}}));
            if (mayReadEvents(manifest))
                context.set("appointments", comingAppointments(call, tx, manifest, connection, id));
        }
        if (point == "appointment.action/v1") {
            const std::string id = requiredId(call, "appointment");
            context.set("appointment",
                        appointmentJson(tx, manifest, connection, crm::Appointments(tx, call.now()).get(call.ctx, id)));
        }
    });
    if (point == "accounts.card/v1" || point == "nav.page/v1")
        context.set("streams", streamsJson(call, manifest, connection));
    return context;
}

}  // namespace portico::api
