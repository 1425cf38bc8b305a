// SPDX-License-Identifier: Apache-2.0
// The audit page's data comes from the plugin that keeps it; names of people are added here, because the plugin stores
// ids alone.
#include <algorithm>

#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/subject_title.h"
#include "host/api/views.h"

namespace portico::api {
namespace {

constexpr int kLongestPage = 200;

struct Subject {
    std::string kind, id;
};

// {"kind","id"} or "kind/id".
Subject subjectOf(const Json& event) {
    const Json* subject = event.find("subject");
    if (subject == nullptr) return {};
    if (subject->isObject()) return {subject->getStr("kind"), subject->getStr("id")};
    const std::string& text = subject->str();
    const std::size_t slash = text.find('/');
    return slash == std::string::npos ? Subject{"", text} : Subject{text.substr(0, slash), text.substr(slash + 1)};
}

Json filter(Call& call) {
    Json args = Json::object({{"limit", std::min(call.limit(), kLongestPage)}});
    if (const std::string after = call.after(); !after.empty()) args.set("after", after);
    for (const char* name : {"actor", "subject"})
        if (const auto value = call.given(name)) args.set(name, *value);
    if (const std::string type = call.text("type"); !type.empty())
        args.set("type", type.ends_with('.') ? type + "*" : type);
    if (!call.given("from") && !call.given("to")) return args;
    const crm::Span span = call.read([&](storage::Tx& tx) { return spanOf(call, tx); });
    if (call.given("from")) args.set("from", formatInstant(span.from));
    if (call.given("to")) args.set("to", formatInstant(span.until));
    return args;
}

Json eventJson(Call& call, storage::Tx& tx, const Json& event, Names& names, const PluginNames& plugins) {
    const std::string actor = event.getStr("actor");
    const Subject subject = subjectOf(event);
    const Json* data = event.find("data");
    const Json known = data != nullptr && data->isObject() ? *data : Json::object();
    return Json::object({{"seq", event.integer("seq")},
                         {"at", event.str("at")},
                         {"actor", actor},
                         {"actorName", names.actor(actor)},
                         {"type", event.str("type")},
                         {"subjectKind", subject.kind},
                         {"subjectId", subject.id},
                         {"title", subjectTitle(call, tx, names, plugins, subject.kind, subject.id, known)},
                         {"data", known}});
}

http::Response listAuditEvents(Call& call) {
    const Json result =
        call.services.plugins.invoke(call.ctx, PluginId("audit-log"), ConnectionId(), "list", filter(call));
    const PluginNames plugins(call);
    return call.read([&](storage::Tx& tx) {
        Names names(call, tx);
        Json items = Json::array();
        for (const Json& event : result.at("events").items()) items.push(eventJson(call, tx, event, names, plugins));
        const Json* next = result.find("next");
        std::optional<std::string> cursor;
        if (next != nullptr && next->isString()) cursor = next->str();
        if (next != nullptr && next->isInteger()) cursor = std::to_string(next->integer());
        return page(std::move(items), cursor);
    });
}

http::Response proveAuditEvents(Call& call) {
    Json args = Json::object();
    if (const auto noted = call.given("noted")) args.set("noted", *noted);
    return http::Response::json(
        call.services.plugins.invoke(call.ctx, PluginId("audit-log"), ConnectionId(), "verify", args));
}

}  // namespace

void addAudit(Routes& routes) {
    routes.get("/audit-events", listAuditEvents, Access::Admin);
    routes.get("/audit-events/proof", proveAuditEvents, Access::Admin);
}

}  // namespace portico::api
