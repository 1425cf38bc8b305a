// SPDX-License-Identifier: Apache-2.0
#include "host/crm/notes.h"

#include <algorithm>

#include "host/api/fields.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/crm/contacts.h"

namespace portico::api {
namespace {

constexpr int kMostNotes = 1'000;  // of one contact
constexpr int kLongestPage = 200;

Json noteJson(const crm::Note& note, Names& names) { return crm::toJson(note).set("author", names.actor(note.author)); }

http::Response listNotes(Call& call) {
    const std::string& contact = call.request.idVar("contactId");
    return call.read([&](storage::Tx& tx) {
        crm::Contacts(tx, call.now()).get(call.ctx, contact);
        Names names(call, tx);
        std::vector<Json> items;
        for (const crm::Note& note : crm::Notes(tx, call.now()).list(call.ctx, contact, kMostNotes))
            items.push_back(noteJson(note, names));
        return pageOf(call, std::move(items));
    });
}

http::Response addNote(Call& call) {
    const Json body = call.request.json();
    const std::string text = Fields(body, {"text"}).text("text", Fields::kText);
    const std::string& contact = call.request.idVar("contactId");
    return call.writeOnce([&](storage::Tx& tx) {
        Names names(call, tx);
        return created(noteJson(crm::Notes(tx, call.now()).create(call.ctx, contact, text), names));
    });
}

std::string kindOf(const crm::TimelineEntry& entry) {
    if (entry.kind == "follow-up") return "followUp";
    if (entry.kind != "activity") return entry.kind;
    return entry.title.starts_with("sync.") ? "sync" : "change";
}

Json entryJson(const crm::TimelineEntry& entry) {
    const std::string kind = kindOf(entry);
    const bool has_ref = !entry.ref.empty() && entry.kind != "activity";
    return Json::object({{"at", formatInstant(entry.at)},
                         {"kind", kind},
                         {"title", entry.title},
                         {"text", entry.text.empty() ? Json(nullptr) : Json(entry.text)},
                         {"ref", has_ref ? Json::object({{"kind", kind}, {"id", entry.ref}}) : Json(nullptr)}});
}

http::Response getTimeline(Call& call) {
    const std::string& contact = call.request.idVar("contactId");
    return call.read([&](storage::Tx& tx) {
        crm::Contacts(tx, call.now()).get(call.ctx, contact);
        const auto entries = crm::timeline(call.ctx, tx, contact, std::min(call.limit(), kLongestPage), call.after());
        Json items = Json::array();
        for (const crm::TimelineEntry& entry : entries.items) items.push(entryJson(entry));
        return page(std::move(items), entries.next);
    });
}

}  // namespace

void addNotes(Routes& routes) {
    routes.get("/contacts/{contactId}/notes", listNotes);
    routes.post("/contacts/{contactId}/notes", addNote);
    routes.get("/contacts/{contactId}/timeline", getTimeline);
}

}  // namespace portico::api
