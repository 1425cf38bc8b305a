// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/event.h"

#include <portico/plugin/time.hpp>

#include <algorithm>

namespace portico::google {

namespace {

constexpr std::size_t kLocalLength = 19;  // "2026-11-23T09:00:00"

bool hasOffset(const std::string& date_time) { return sdk::parseInstant(date_time).has_value(); }

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return text;
}

std::int64_t secondsBetween(const std::string& start, const std::string& end) {
    const auto from = sdk::parseInstant(start), to = sdk::parseInstant(end);
    if (from && to) return (*to - *from) / 1000;
    return sdk::parseLocal(end).value_or(0) - sdk::parseLocal(start).value_or(0);
}

// Rooms, and the account itself, are no participants of ours.
bool isGuest(const Json& attendee) {
    return member(attendee, "self") != true && member(attendee, "organizer") != true &&
           member(attendee, "resource") != true && !textOf(attendee, "email").empty();
}

std::string participation(const Json& attendee) {
    const std::string status = textOf(attendee, "responseStatus");
    return status.empty() || status == "needsAction" ? "needs-action" : status;
}

void putTimes(Json& record, const Json& event, const std::string& shown) {
    const Json &start = member(event, "start"), &end = member(event, "end");
    if (const std::string date = textOf(start, "date"); !date.empty()) {
        const auto from = sdk::parseDate(date), to = sdk::parseDate(textOf(end, "date"));
        record.update(
            {{"showWithoutTime", true},
             {"start", date + "T00:00:00"},
             {"duration", "P" + std::to_string(from && to ? std::max<std::int64_t>(1, *to - *from) : 1) + "D"}});
        return;
    }
    const std::string from = textOf(start, "dateTime");
    const std::string zone = textOf(start, "timeZone").empty() ? shown : textOf(start, "timeZone");
    record.update(
        {{"showWithoutTime", false},
         {"start", from.substr(0, kLocalLength)},
         {"timeZone", zone},
         {"duration", sdk::formatDuration(std::max<std::int64_t>(0, secondsBetween(from, textOf(end, "dateTime"))))}});
}

// {"start","end"} as Google wants them.
Json timesOf(const Json& record) {
    const std::string start = textOf(record, "start");
    const auto from = sdk::parseLocal(start);
    const auto length = sdk::parseDuration(textOf(record, "duration"));
    if (!from)
        throw sdk::PluginError(PORTICO_E_INVALID, "bad_start", "the event has no local start like 2026-11-23T09:00:00");
    if (member(record, "showWithoutTime") == true) {
        const std::int64_t days = std::max<std::int64_t>(1, length.value_or(sdk::kDay) / sdk::kDay);
        return {{"start", {{"date", start.substr(0, 10)}}},
                {"end", {{"date", sdk::formatDate(*sdk::parseDate(start) + days)}}}};
    }
    const std::string zone = textOf(record, "timeZone").empty() ? "Etc/UTC" : textOf(record, "timeZone");
    return {{"start", {{"dateTime", sdk::formatLocal(*from)}, {"timeZone", zone}}},
            {"end", {{"dateTime", sdk::formatLocal(*from + length.value_or(0))}, {"timeZone", zone}}}};
}

bool sameTimes(const Json& wanted, const Json& event, const std::string& shown) {
    Json now = Json::object();
    putTimes(now, event, shown);
    Json then = Json::object();
    putTimes(then, wanted, shown);
    return now == then;
}

void putMovedTimes(Json& changed, const Json& record, const Json& event, const std::string& shown) {
    Json times = timesOf(record);
    if (member(event, "start").is_object() && sameTimes(times, event, shown)) return;
    const bool all_day = times["start"].contains("date");
    for (const char* name : {"start", "end"}) {  // a patch merges objects: the other form must be cleared
        const Json& now = member(event, name);
        if (all_day && now.contains("dateTime")) times[name].update({{"dateTime", nullptr}, {"timeZone", nullptr}});
        if (!all_day && now.contains("date")) times[name]["date"] = nullptr;
    }
    changed.update(times);
}

// Google replaces the list whole: guests who stay keep their answer, and whoever is no guest of ours stays too.
Json guests(const Json& record, const Json& event) {
    Json list = Json::array();
    for (const Json& attendee : listOf(event, "attendees")) {
        if (!isGuest(attendee)) list.push_back(attendee);
    }
    for (const Json& participant : member(record, "participants")) {  // of null there are none
        const std::string email = textOf(participant, "email"), name = textOf(participant, "name");
        if (email.empty()) continue;
        Json guest = {{"email", email}};
        for (const Json& attendee : listOf(event, "attendees")) {
            if (lower(textOf(attendee, "email")) == lower(email)) guest = attendee;
        }
        if (!isGuest(guest)) continue;  // the account's own entry is in the list already
        if (!name.empty()) guest["displayName"] = name;
        list.push_back(std::move(guest));
    }
    return list;
}

bool sameGuests(Json one, Json other) {
    const auto by_email = [](const Json& a, const Json& b) {
        return lower(textOf(a, "email")) < lower(textOf(b, "email"));
    };
    std::sort(one.begin(), one.end(), by_email);
    std::sort(other.begin(), other.end(), by_email);
    return one == other;
}

}  // namespace

bool isOurs(const std::string& id) {
    return id.size() == 35 && id.starts_with("crm") && id.find_first_not_of("0123456789abcdef", 3) == std::string::npos;
}

std::string wantsZone(const Json& event, const std::string& shown) {
    const Json& start = member(event, "start");
    const std::string zone = textOf(start, "timeZone");
    return !zone.empty() && zone != shown && hasOffset(textOf(start, "dateTime")) ? zone : "";
}

Json toRecord(const Json& event, const std::string& shown, bool share) {
    Json record = {{"@type", "Event"}, {"title", textOf(event, "summary")}};
    if (const std::string text = textOf(event, "description"); !text.empty()) record["description"] = text;
    putTimes(record, event, shown);
    const std::string status = textOf(event, "status");
    record["status"] = status.empty() ? "confirmed" : status;
    record["freeBusyStatus"] = textOf(event, "transparency") == "transparent" ? "free" : "busy";
    if (const std::string place = textOf(event, "location"); !place.empty())
        record["locations"] = {{"l1", {{"name", place}}}};
    if (const std::string kind = textOf(member(member(event, "extendedProperties"), "private"), "porticoKind");
        !kind.empty()) {
        record["portico:kind"] = kind;
    }
    std::size_t number = 0;
    for (const Json& attendee : share ? listOf(event, "attendees") : Json::array()) {
        if (!isGuest(attendee)) continue;
        Json& participant = record["participants"]["p" + std::to_string(++number)];
        participant = {{"email", textOf(attendee, "email")},
                       {"roles", {{"attendee", true}}},
                       {"participationStatus", participation(attendee)}};
        if (const std::string name = textOf(attendee, "displayName"); !name.empty()) participant["name"] = name;
    }
    return record;
}

Json changedMembers(const Json& record, const Json& event, const std::string& shown, bool share) {
    Json changed = Json::object();
    const auto put = [&](const char* name, const std::string& wanted, const std::string& usual = "") {
        const std::string now = textOf(event, name);
        if ((now.empty() ? usual : now) != wanted) changed[name] = wanted;
    };
    put("summary", textOf(record, "title"));
    put("description", textOf(record, "description"));
    const Json& places = member(record, "locations");
    put("location", places.is_object() && !places.empty() ? textOf(*places.begin(), "name") : "");
    put("status", textOf(record, "status").empty() ? "confirmed" : textOf(record, "status"), "confirmed");
    put("transparency", textOf(record, "freeBusyStatus") == "free" ? "transparent" : "opaque", "opaque");
    putMovedTimes(changed, record, event, shown);
    const std::string kind = textOf(record, "portico:kind");
    const Json& ours = member(member(event, "extendedProperties"), "private");
    if (textOf(ours, "portico") != "1" || textOf(ours, "porticoKind") != kind) {
        Json& own = changed["extendedProperties"]["private"];
        own = {{"portico", "1"}};
        if (!kind.empty())
            own["porticoKind"] = kind;
        else if (ours.contains("porticoKind"))
            own["porticoKind"] = nullptr;
    }
    if (share) {
        Json wanted = guests(record, event);
        if (!sameGuests(wanted, listOf(event, "attendees"))) changed["attendees"] = std::move(wanted);
    }
    return changed;
}

}  // namespace portico::google
