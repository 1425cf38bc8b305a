// SPDX-License-Identifier: Apache-2.0
// What keeps a member of staff busy. External calendars are read by the sync engine; when that was a while ago they are
// asked again here, for a few seconds at most. One that cannot be asked is "unknown" with its reason, never silently
// free.
#include <algorithm>

#include "host/api/booking.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/crm/catalogue.h"
#include "host/crm/occupancy.h"
#include "host/sync/links.h"

namespace portico::api {
namespace {

constexpr Millis kPatience{5'000};
constexpr Millis kFresh = std::chrono::minutes(5);
constexpr Millis kAhead =
    std::chrono::days(28);  // as far as the sync engine reads: a shorter window would forget the rest

struct Source {
    std::string plugin;
    std::string reason;  // why it is unknown; empty when it answered
    std::optional<Instant> checked_at;
};

// The calendars of the person behind a member of staff.
std::vector<credential::ConnectionInfo> calendarsOf(Call& call, const crm::StaffMember& member) {
    std::vector<credential::ConnectionInfo> calendars;
    if (!member.user_id) return calendars;
    const auto plugins = call.services.plugins.list(call.ctx.tenant);
    for (auto& connection : call.services.vault.connections(call.ctx.tenant, UserId(*member.user_id))) {
        const bool answers = std::any_of(plugins.begin(), plugins.end(), [&](const PluginView& plugin) {
            return plugin.enabled && plugin.manifest->id == connection.plugin &&
                   plugin.manifest->provided("portico.availability/1");
        });
        if (answers) calendars.push_back(std::move(connection));
    }
    return calendars;
}

std::vector<crm::Span> busySpans(const std::vector<Json>& lines) {
    std::vector<crm::Span> spans;
    for (const Json& line : lines) {
        if (const auto unknown = line.optStr("unknown")) throw Error(Code::Unavailable, "busy_unknown", *unknown);
        for (const Json& busy : line.at("busy").items())
            spans.push_back({parseInstant(busy.str("start")), parseInstant(busy.str("end"))});
    }
    return spans;
}

// The calendar's own id, as the sync engine knows it; nothing before the first run.
std::optional<std::string> collectionOf(Call& call, const ConnectionId& connection) {
    return call.read([&](storage::Tx& tx) -> std::optional<std::string> {
        for (const sync::StreamState& stream : sync::streams(tx))
            if (stream.key.connection == connection) return stream.collection;
        return std::nullopt;
    });
}

void refresh(Call& call, const crm::StaffMember& member, const credential::ConnectionInfo& calendar,
             const std::string& source) {
    const auto collection = collectionOf(call, calendar.id);
    if (!collection) throw Error(Code::Unavailable, "busy_unknown", "the calendar has not been read yet");
    CallContext context = call.ctx;
    context.deadline = context.deadline.sooner(Deadline::in(kPatience));
    const crm::Span window{call.now(), call.now() + kAhead};
    const auto busy = busySpans(
        call.services.plugins.busy(context, calendar.plugin, calendar.id, *collection, window.from, window.until));
    call.write([&](storage::Tx& tx) {
        crm::replaceExternalBusy(call.ctx, tx, {member.id, source, window, busy}, call.now());
    });
}

Source ask(Call& call, const crm::StaffMember& member, const credential::ConnectionInfo& calendar, crm::Span wanted) {
    const auto fetchedAt = [&] {
        return call.read([&](storage::Tx& tx) { return crm::externalBusyFetchedAt(tx, member.id); });
    };
    Source source{calendar.plugin.str(), "", fetchedAt()};
    try {
        if (!isUsable(call, calendar)) {
            throw Error(Code::Unavailable, "busy_unknown",
                        calendar.problem.empty() ? "the account is not connected any more" : calendar.problem);
        }
        if (wanted.until > call.now() + kAhead)
            throw Error(Code::Unavailable, "busy_unknown", "the calendar is known for the next 28 days");
        if (!source.checked_at || call.now() - *source.checked_at > kFresh)
            refresh(call, member, calendar, calendar.plugin.str() + ":" + calendar.id.str());
        source.checked_at = fetchedAt();
    } catch (...) {
        const Error error = currentError();
        source.reason = error.code() == Code::Internal ? "the calendar could not be asked" : error.what();
    }
    return source;
}

Json sourceJson(Call& call, const Source& source) {
    const bool known = source.reason.empty();
    Json age;
    if (source.checked_at) age = static_cast<std::int64_t>((call.now() - *source.checked_at).count() / 1000);
    return Json::object({{"source", source.plugin},
                         {"state", known ? "known" : "unknown"},
                         {"checkedAt", instantJson(source.checked_at)},
                         {"ageSeconds", std::move(age)},
                         {"reason", known ? Json(nullptr) : Json(source.reason)}});
}

Json busyJson(const crm::Busy& busy, std::int64_t age_seconds) {
    const bool external = busy.kind == "external";
    return Json::object({{"kind", apiKind(busy.kind)},
                         {"id", external ? Json(nullptr) : Json(busy.id)},
                         {"title", external ? Json(nullptr) : Json(busy.title)},
                         {"startsAt", formatInstant(busy.span.from)},
                         {"endsAt", formatInstant(busy.span.until)},
                         {"source", external ? pluginOfSource(busy.id) : "portico"},
                         {"ageSeconds", external ? age_seconds : 0}});
}

// The guard answers with a bounded number of spans, so it is asked day by day.
std::vector<crm::Busy> busyOf(storage::Tx& tx, const std::string& staff_id, const std::vector<crm::Span>& days) {
    std::vector<crm::Busy> all;
    for (const crm::Span& day : days) {
        for (crm::Busy& busy : crm::Occupancy(tx).overlapping(staff_id, day, "")) {
            const bool known = std::any_of(all.begin(), all.end(), [&](const crm::Busy& other) {
                return other.id == busy.id && other.span.from == busy.span.from;
            });
            if (!known) all.push_back(std::move(busy));
        }
    }
    return all;
}

std::vector<crm::Span> workingSpans(const crm::StaffMember& member, const std::string& date, const std::string& zone) {
    static constexpr const char* kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::vector<crm::Span> spans;
    const Json* hours = member.working_hours.find(kDays[crm::weekTime(date + "T00:00").weekday]);
    if (hours == nullptr) return spans;
    const Instant next_day = crm::daySpan(date, 1, zone).until;
    for (const Json& span : hours->items()) {
        const std::string to = span.str("to");
        spans.push_back({crm::toUtc(date + "T" + span.str("from"), zone),
                         to == "24:00" ? next_day : crm::toUtc(date + "T" + to, zone)});
    }
    return spans;
}

void addGaps(Json& free, crm::Span working, const std::vector<crm::Busy>& busy, Millis shortest) {
    Instant from = working.from;
    const auto gap = [&](Instant until) {
        if (until - from >= shortest)
            free.push(Json::object({{"startsAt", formatInstant(from)}, {"endsAt", formatInstant(until)}}));
    };
    for (const crm::Busy& taken : busy) {
        if (taken.span.until <= from || taken.span.from >= working.until) continue;
        gap(taken.span.from);
        from = std::max(from, taken.span.until);
    }
    gap(working.until);
}

// The dates "YYYY-MM-DD" and spans of the days asked for.
struct Days {
    std::vector<std::string> dates;
    std::vector<crm::Span> spans;
    crm::Span whole;
};

Days daysOf(const std::string& first, int count, const std::string& zone) {
    Days days;
    days.whole = crm::daySpan(first, count, zone);
    for (int i = 0; i < count; ++i) {
        const Instant from = i == 0 ? days.whole.from : days.spans.back().until;
        days.dates.push_back(crm::toLocal(from, zone).substr(0, 10));
        days.spans.push_back(crm::daySpan(days.dates.back(), 1, zone));
    }
    return days;
}

Json freeJson(const crm::StaffMember& member, const Days& days, const std::string& zone,
              const std::vector<crm::Busy>& busy, std::int64_t minutes) {
    Json free = Json::array();
    if (minutes == 0) return free;
    for (const std::string& date : days.dates)
        for (const crm::Span& working : workingSpans(member, date, zone))
            addGaps(free, working, busy, std::chrono::minutes(minutes));
    return free;
}

http::Response getAvailability(Call& call) {
    const std::string staff_id = call.text("staffId");
    const int count = static_cast<int>(call.number("days", 1, 31, 1));
    const std::int64_t minutes = call.number("durationMinutes", 5, 1440, 0);
    const auto [zone, member] = call.read([&](storage::Tx& tx) {
        return std::pair(tenantZone(call, tx), crm::Staff(tx, call.now()).get(call.ctx, staff_id));
    });
    const Days days = daysOf(call.text("date"), count, zone);
    Json sources = Json::array();
    for (const auto& calendar : calendarsOf(call, member))
        sources.push(sourceJson(call, ask(call, member, calendar, days.whole)));
    return call.read([&, zone = zone, member = member](storage::Tx& tx) {
        auto busy = busyOf(tx, staff_id, days.spans);
        std::sort(busy.begin(), busy.end(), [](const auto& a, const auto& b) { return a.span.from < b.span.from; });
        const auto fetched = crm::externalBusyFetchedAt(tx, staff_id);
        const std::int64_t age = fetched ? (call.now() - *fetched).count() / 1000 : 0;
        Json spans = Json::array();
        for (const crm::Busy& taken : busy) spans.push(busyJson(taken, age));
        return http::Response::json(Json::object({{"staffId", staff_id},
                                                  {"timeZone", zone},
                                                  {"busy", std::move(spans)},
                                                  {"sources", std::move(sources)},
                                                  {"free", freeJson(member, days, zone, busy, minutes)}}));
    });
}

}  // namespace

void addAvailability(Routes& routes) { routes.get("/availability", getAvailability); }

}  // namespace portico::api
