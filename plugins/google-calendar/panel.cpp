// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/calendar.h"
#include "plugins/google-common/ui.h"

namespace portico::google {

namespace {

constexpr std::size_t kMostAsked = 3;  // requests to Google while somebody waits

// "2026-11-23T09:00" of "2026-11-23T09:00:00"
std::string minutes(const std::string& local) { return local.substr(0, 16); }

}  // namespace

// The client's coming appointments as the reader's Google Calendar has them at this moment.
Json Calendar::clientPanel(const Call& call, const Json& context) const {
    Json children = Json::array();
    std::size_t asked = 0;
    for (const Json& appointment : listOf(context, "appointments")) {
        if (asked++ == kMostAsked) break;
        Json line = Json::array({Json{{"type", "time"}, {"at", textOf(appointment, "starts_at")}}});
        for (Json& node : inGoogle(call, appointment, textOf(context, "time_zone"))) line.push_back(std::move(node));
        children.push_back(ui::row(std::move(line)));
    }
    if (children.empty()) return ui::empty("No appointments to come.");
    return ui::stack(std::move(children));
}

// What to say after the appointment's time.
Json Calendar::inGoogle(const Call& call, const Json& appointment, const std::string& zone) const {
    const Json& link = ui::linkOf(appointment, "events");
    const std::string ref = textOf(link, "ref");
    if (link.is_null()) return Json::array({ui::badge("Not in your calendar", "muted")});
    if (textOf(link, "state") != "synced" || !isOurs(ref)) {
        Json said = Json::array({ui::stateBadge(link)});
        if (!textOf(link, "reason").empty()) said.push_back(ui::text(textOf(link, "reason"), "muted"));
        return said;
    }
    const std::optional<ShownEvent> shown = api_.get(call, textOf(link, "collection"), ref, zone);
    if (!shown) return Json::array({ui::badge("Deleted in Google Calendar", "warning")});
    const Json record = toRecord(shown->event, shown->zone, false);
    const std::string there = minutes(textOf(record, "start"));
    const bool comparable = textOf(record, "timeZone") == zone;
    Json said = Json::array();
    if (comparable && there != minutes(textOf(appointment, "start")))
        said.push_back(ui::badge("Moved there to " + there.substr(11) + " on " + there.substr(0, 10), "warning"));
    else
        said.push_back(ui::badge("In your calendar as booked", "good"));
    if (const std::string page = textOf(shown->event, "htmlLink"); page.starts_with("https://"))
        said.push_back(ui::link("Open", page));
    return said;
}

}  // namespace portico::google
