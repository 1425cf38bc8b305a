// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/events_api.h"

#include "plugins/google-calendar/event.h"

namespace portico::google {

namespace {

constexpr const char* kBase = "https://www.googleapis.com/calendar/v3/";

std::string eventsUrl(const std::string& calendar, const std::string& id = "") {
    return kBase + ("calendars/" + segment(calendar) + "/events") + (id.empty() ? "" : "/" + segment(id));
}

// A slip anywhere else must not become a request about somebody's private event.
void requireOurs(const std::string& id) {
    if (!isOurs(id)) throw sdk::PluginError(PORTICO_E_INVALID, "foreign_event", "that event was not made by this CRM");
}

}  // namespace

Json EventsApi::calendars(const Call& call, const std::string& page_token) const {
    Request request{"GET", std::string(kBase) + "users/me/calendarList"};
    request.query = {{"maxResults", "250"}};
    if (!page_token.empty()) request.query["pageToken"] = page_token;
    return api_.ask(call, request);
}

Json EventsApi::makeCalendar(const Call& call, const std::string& name, const std::string& description) const {
    Request request{"POST", std::string(kBase) + "calendars"};
    request.body = {{"summary", name}, {"description", description}};
    return api_.ask(call, request);
}

Json EventsApi::listPage(const Call& call, const std::string& calendar, const std::string& updated_min,
                         const std::string& page_token) const {
    Request request{"GET", eventsUrl(calendar)};
    request.query = {{"privateExtendedProperty", "portico=1"}, {"maxResults", "250"}};
    if (!updated_min.empty()) request.query.update({{"updatedMin", updated_min}, {"showDeleted", "true"}});
    if (!page_token.empty()) request.query["pageToken"] = page_token;
    return api_.ask(call, request);
}

std::optional<Json> EventsApi::getIn(const Call& call, const std::string& calendar, const std::string& id,
                                     const std::string& zone) const {
    Request request{"GET", eventsUrl(calendar, id)};
    if (!zone.empty()) request.query["timeZone"] = zone;
    try {
        Json event = api_.ask(call, request);
        if (textOf(event, "status") == "cancelled") return std::nullopt;
        return event;
    } catch (const ApiError& error) {
        if (error.http() == 404 || error.http() == 410) return std::nullopt;
        throw;
    }
}

std::optional<ShownEvent> EventsApi::get(const Call& call, const std::string& calendar, const std::string& id,
                                         const std::string& hint) const {
    requireOurs(id);
    std::optional<Json> event = getIn(call, calendar, id, hint);
    if (!event) return std::nullopt;
    return inOwnZone(call, calendar, std::move(*event), hint);
}

std::optional<ShownEvent> EventsApi::inOwnZone(const Call& call, const std::string& calendar, Json event,
                                               const std::string& shown) const {
    const std::string zone = wantsZone(event, shown);
    if (zone.empty()) return ShownEvent{std::move(event), shown};
    requireOurs(textOf(event, "id"));
    std::optional<Json> again = getIn(call, calendar, textOf(event, "id"), zone);
    if (!again) return std::nullopt;
    return ShownEvent{std::move(*again), zone};
}

Json EventsApi::insert(const Call& call, const std::string& calendar, const Json& event) const {
    requireOurs(textOf(event, "id"));
    Request request{"POST", eventsUrl(calendar)};
    request.query = {{"sendUpdates", "none"}};
    request.body = event;
    return api_.ask(call, request);
}

Json EventsApi::patch(const Call& call, const std::string& calendar, const std::string& id, const std::string& etag,
                      const Json& members) const {
    requireOurs(id);
    Request request{"PATCH", eventsUrl(calendar, id)};
    request.query = {{"sendUpdates", "none"}};
    request.headers = {{"If-Match", etag}};
    request.body = members;
    return api_.ask(call, request);
}

void EventsApi::remove(const Call& call, const std::string& calendar, const std::string& id,
                       const std::string& etag) const {
    requireOurs(id);
    Request request{"DELETE", eventsUrl(calendar, id)};
    request.query = {{"sendUpdates", "none"}};
    request.headers = {{"If-Match", etag}};
    try {
        api_.ask(call, request);
    } catch (const ApiError& error) {
        if (error.http() != 404 && error.http() != 410) throw;  // gone already: what was wanted
    }
}

Json EventsApi::watch(const Call& call, const std::string& calendar, Json channel) const {
    Request request{"POST", eventsUrl(calendar, "watch")};
    channel["type"] = "web_hook";
    request.body = std::move(channel);
    return api_.ask(call, request);
}

void EventsApi::stopWatching(const Call& call, const std::string& channel, const std::string& resource) const {
    Request request{"POST", std::string(kBase) + "channels/stop"};
    request.body = {{"id", channel}, {"resourceId", resource}};
    try {
        api_.ask(call, request);
    } catch (const ApiError& error) {
        if (error.http() != 404) throw;  // gone already: what was wanted
    }
}

Json EventsApi::freeBusy(const Call& call, const Json& ids, const std::string& from, const std::string& to) const {
    Request request{"POST", std::string(kBase) + "freeBusy"};
    Json items = Json::array();
    for (const Json& id : ids) items.push_back({{"id", id}});
    request.body = {{"timeMin", from}, {"timeMax", to}, {"timeZone", "UTC"}, {"items", std::move(items)}};
    const Json reply = api_.ask(call, request);
    return member(reply, "calendars");
}

}  // namespace portico::google
