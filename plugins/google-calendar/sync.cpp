// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/calendar.h"

#include <portico/plugin/time.hpp>

namespace portico::google {

namespace {

// Google forbids sync tokens together with our private property, so each pull asks for what changed since a little
// before the last one began: clocks differ and lists lag. What comes twice is recognised by its version.
constexpr std::int64_t kOverlapMs = 10 * 60'000;

// The person may change the name; the description's end is how the calendar is found again.
constexpr const char* kName = "Appointments";
constexpr const char* kDescription =
    "Made for the appointments of your CRM, which reads and changes this calendar alone. ";

// updatedMin of the run under way, the one the next run will use, and where an interrupted listing goes on.
struct Cursor {
    std::string since, next, page;

    std::string text() const { return Json{{"since", since}, {"next", next}, {"page", page}}.dump(); }
    static Cursor from(const Call& call, std::string_view text) {
        const Json parsed = text.empty() ? Json::object() : parseObject(text, "the cursor");
        Cursor cursor{textOf(parsed, "since"), textOf(parsed, "next"), textOf(parsed, "page")};
        if (cursor.page.empty()) cursor.next = sdk::formatInstant(call.nowMs() - kOverlapMs);
        return cursor;
    }
};

}  // namespace

// The calendar to write to is the main one, or with what the admin chose the one that was made for this. Which others
// there are is said, too; none of them can be written to.
void Calendar::collections(const Call& call, sdk::Output& lines) const {
    Json entries = Json::array();
    std::string next;
    do {
        const Json page = api_.calendars(call, next);
        for (const Json& entry : listOf(page, "items"))
            if (member(entry, "deleted") != true) entries.push_back(entry);
        next = textOf(page, "nextPageToken");
    } while (!next.empty());
    const std::string target = inCalendarOfItsOwn(call) ? dedicated(call, entries) : kMainCalendar;
    bool listed = false;
    for (const Json& entry : entries) {
        const bool primary = member(entry, "primary") == true;
        const std::string id = primary ? kMainCalendar : textOf(entry, "id");
        const std::string own_name = textOf(entry, "summaryOverride");
        listed = listed || id == target;
        lines.line(Json{{"id", id},
                        {"name", own_name.empty() ? textOf(entry, "summary") : own_name},
                        {"writable", id == target},
                        {"primary", primary},
                        {"time_zone", textOf(entry, "timeZone")}}
                       .dump());
    }
    if (!listed) lines.line(Json{{"id", target}, {"name", kName}, {"writable", true}, {"primary", false}}.dump());
}

// The one of an earlier connection of this business, or a new one. What bears our mark but cannot be opened was made by
// another installation.
std::string Calendar::dedicated(const Call& call, const Json& entries) const {
    const std::string mark = "portico:" + std::string(call.tenant());
    for (const Json& entry : entries) {
        const std::string id = textOf(entry, "id");
        if (textOf(entry, "accessRole") != "owner" || !textOf(entry, "description").ends_with(mark)) continue;
        try {
            api_.listPage(call, id, sdk::formatInstant(call.nowMs()), "");
            return id;
        } catch (const ApiError& error) {
            if (error.http() != 403 && error.http() != 404) throw;
        }
    }
    return textOf(api_.makeCalendar(call, kName, kDescription + mark), "id");
}

void Calendar::pull(const Call& call, const std::string& calendar, std::string_view text, sdk::Output& changes) const {
    Cursor cursor = Cursor::from(call, text);
    const bool full = cursor.since.empty(), share = shareParticipants(call);
    bool resumed = !cursor.page.empty();
    for (;;) {
        Json page;
        try {
            page = api_.listPage(call, calendar, cursor.since, cursor.page);
        } catch (const ApiError& error) {
            if (error.http() == 410) return changes.line(R"({"op":"expired"})");
            if (!resumed || error.http() != 400) throw;
            cursor = Cursor::from(call, full ? "" : Json{{"since", cursor.since}}.dump());  // the page was forgotten
            resumed = false;
            continue;
        }
        resumed = false;
        for (const Json& event : listOf(page, "items")) {
            giveOut(call, calendar, event, textOf(page, "timeZone"), share, changes);
        }
        cursor.page = textOf(page, "nextPageToken");
        if (cursor.page.empty()) break;
        changes.line(Json{{"op", "checkpoint"}, {"cursor", cursor.text()}}.dump());
    }
    const Cursor done{cursor.next, "", ""};
    changes.line(Json{{"op", "done"}, {"full", full}, {"cursor", done.text()}}.dump());
}

// A copy that somebody made of one of our events carries our property but not our id: it is theirs, and is dropped
// here. So is one occurrence of an event that was made recurring in Google: its series stands for it.
void Calendar::giveOut(const Call& call, const std::string& calendar, Json event, const std::string& shown, bool share,
                       sdk::Output& changes) const {
    const std::string id = textOf(event, "id");
    if (!isOurs(id)) return;
    std::optional<ShownEvent> own;
    if (textOf(event, "status") != "cancelled") own = api_.inOwnZone(call, calendar, std::move(event), shown);
    if (!own) return changes.line(Json{{"op", "remove"}, {"ref", id}}.dump());
    changes.line(Json{{"op", "upsert"},
                      {"ref", id},
                      {"token", id},
                      {"version", own->version()},
                      {"record", toRecord(own->event, own->zone, share)}}
                     .dump());
}

// A token of ours is the event id, so both kinds of question are the same read.
void Calendar::read(const Call& call, const std::string& calendar, std::string_view refs, sdk::Output& found) const {
    const bool share = shareParticipants(call);
    std::string hint;  // events of one calendar mostly have one zone
    for (const Json& line : parseLines(refs)) {
        const bool by_token = textOf(line, "ref").empty();
        const std::string id = textOf(line, by_token ? "token" : "ref");
        const std::optional<ShownEvent> event = isOurs(id) ? api_.get(call, calendar, id, hint) : std::nullopt;
        Json answer = {{by_token ? "token" : "ref", id}, {"found", event.has_value()}};
        if (event) {
            hint = event->zone;
            answer.update(
                {{"ref", id}, {"version", event->version()}, {"record", toRecord(event->event, event->zone, share)}});
        }
        found.line(answer.dump());
    }
}

}  // namespace portico::google
