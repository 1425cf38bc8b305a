// SPDX-License-Identifier: Apache-2.0
// The audit page's data comes from the plugin that keeps it; names of people are added here, because the plugin stores
// ids alone.
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/views.h"

namespace portico::api {
namespace {

Json filter(Call& call) {
    Json args = Json::object({{"limit", call.limit()}});
    if (const std::string after = call.after(); !after.empty()) args.set("after", after);
    for (const char* name : {"actor", "type", "subject"})
        if (const auto value = call.given(name)) args.set(name, *value);
    if (!call.given("from") && !call.given("to")) return args;
    const crm::Span span = call.read([&](storage::Tx& tx) { return spanOf(call, tx); });
    if (call.given("from")) args.set("from", formatInstant(span.from));
    if (call.given("to")) args.set("to", formatInstant(span.until));
    return args;
}

Json eventJson(const Json& event, Names& names) {
    const std::string actor = event.getStr("actor");
    const Json* subject = event.find("subject");
    const auto ofSubject = [&](std::string_view flat, std::string_view nested) {
        if (subject != nullptr && subject->isObject()) return subject->getStr(nested);
        return event.getStr(flat);
    };
    const Json* data = event.find("data");
    const std::string kind = ofSubject("subject_kind", "kind");
    const std::string id = ofSubject("subject_id", "id");
    return Json::object({{"seq", event.integer("seq")},
                         {"at", event.str("at")},
                         {"actor", actor},
                         {"actorName", names.actor(actor)},
                         {"type", event.str("type")},
                         {"subjectKind", kind},
                         {"subjectId", id},
                         {"title", kind == "contact" ? names.contact(id) : ""},
                         {"data", data != nullptr && data->isObject() ? *data : Json::object()}});
}

http::Response listAuditEvents(Call& call) {
    const Json result =
        call.services.plugins.invoke(call.ctx, PluginId("audit-log"), ConnectionId(), "list", filter(call));
    return call.read([&](storage::Tx& tx) {
        Names names(call, tx);
        Json items = Json::array();
        for (const Json& event : result.at("events").items()) items.push(eventJson(event, names));
        const Json* next = result.find("next");
        std::optional<std::string> cursor;
        if (next != nullptr && next->isString()) cursor = next->str();
        if (next != nullptr && next->isInteger()) cursor = std::to_string(next->integer());
        return page(std::move(items), cursor);
    });
}

}  // namespace

void addAudit(Routes& routes) { routes.get("/audit-events", listAuditEvents, Access::Admin); }

}  // namespace portico::api
