// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/calendar.h"

#include <portico/plugin/time.hpp>

#include <algorithm>
#include <map>

namespace portico::google {

namespace {

constexpr std::size_t kCalendarsPerQuery = 50;
constexpr std::int64_t kRangePerQueryMs = 30 * sdk::kDay * 1000;  // three months were refused

struct Span {
    std::int64_t start, end;  // ms
};
struct Availability {
    std::vector<Span> busy;
    std::string unknown;  // why; then busy means nothing
};
using All = std::map<std::string, Availability>;

// HTTP 200 can hold an error per calendar, or no word about one that was asked for: unknown, never free.
void take(const Json& answer, const std::string& id, Availability& into) {
    const Json& calendar = member(answer, id.c_str());
    if (!calendar.is_object()) {
        into.unknown = "no_answer";
        return;
    }
    for (const Json& error : listOf(calendar, "errors")) {
        into.unknown = textOf(error, "reason").empty() ? "error" : textOf(error, "reason");
        return;
    }
    for (const Json& span : listOf(calendar, "busy")) {
        const auto start = sdk::parseInstant(textOf(span, "start")), end = sdk::parseInstant(textOf(span, "end"));
        if (!start || !end)
            into.unknown = "unreadable";
        else
            into.busy.push_back({*start, *end});
    }
}

// Spans in order, joined where they touch or overlap (queries are cut at 30 days).
Json joined(std::vector<Span> spans) {
    std::ranges::sort(spans, {}, &Span::start);
    Json list = Json::array();
    for (std::size_t i = 0; i < spans.size();) {
        Span whole = spans[i];
        while (++i < spans.size() && spans[i].start <= whole.end) whole.end = std::max(whole.end, spans[i].end);
        list.push_back({{"start", sdk::formatInstant(whole.start)}, {"end", sdk::formatInstant(whole.end)}});
    }
    return list;
}

}  // namespace

// Who is busy in their main calendar is busy, whichever calendar their appointments go to.
void Calendar::busy(const Call& call, std::string_view calendars, std::string_view from, std::string_view to,
                    sdk::Output& lines) const {
    const Json ids = Json::parse(calendars, nullptr, false);
    const auto begin = sdk::parseInstant(from), end = sdk::parseInstant(to);
    if (!ids.is_array() || !begin || !end || *begin >= *end) {
        throw sdk::PluginError(PORTICO_E_INVALID, "bad_question", "busy needs a list of calendars and a range of time");
    }
    Json asked = ids;
    if (std::ranges::find(ids, kMainCalendar) == ids.end()) asked.push_back(kMainCalendar);
    All all;
    for (std::size_t at = 0; at < asked.size(); at += kCalendarsPerQuery) {
        const auto first = asked.begin() + static_cast<std::ptrdiff_t>(at);
        const Json group(first, first + static_cast<std::ptrdiff_t>(std::min(kCalendarsPerQuery, asked.size() - at)));
        for (std::int64_t start = *begin; start < *end; start += kRangePerQueryMs) {
            const std::int64_t stop = std::min(*end, start + kRangePerQueryMs);
            const Json answer = api_.freeBusy(call, group, sdk::formatInstant(start), sdk::formatInstant(stop));
            for (const Json& id : group) take(answer, id.get<std::string>(), all[id.get<std::string>()]);
        }
    }
    const Availability main = all[kMainCalendar];
    for (const Json& id : ids) {
        Availability availability = all[id.get<std::string>()];
        if (id != kMainCalendar) availability.busy.insert(availability.busy.end(), main.busy.begin(), main.busy.end());
        if (availability.unknown.empty()) availability.unknown = main.unknown;
        Json line = {{"collection", id}};
        if (availability.unknown.empty())
            line["busy"] = joined(std::move(availability.busy));
        else
            line["unknown"] = availability.unknown;
        lines.line(line.dump());
    }
}

}  // namespace portico::google
