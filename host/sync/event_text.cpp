// SPDX-License-Identifier: Apache-2.0
#include "host/sync/event_text.h"

#include "host/base/error.h"

namespace portico::sync {
namespace {

constexpr int kDayMinutes = 24 * 60;
constexpr int kFollowUpMinutes = 15;

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

Json event(const std::string& kind, const std::string& id, const std::string& title, bool busy) {
    return Json::object()
        .set("@type", "Event")
        .set("uid", id)
        .set("title", title)
        .set("status", "confirmed")
        .set("freeBusyStatus", busy ? "busy" : "free")
        .set("portico:kind", kind);
}

Json& setTime(Json& event, const std::string& start, const std::string& zone, int minutes, bool all_day) {
    return event.set("start", start + ":00")
        .set("timeZone", zone)
        .set("duration", durationText(minutes, all_day))
        .set("showWithoutTime", all_day);
}

[[noreturn]] void refuseDuration(const std::string& text) {
    throw Error(Code::Invalid, "bad_duration", "'" + text.substr(0, 40) + "' is not a length such as PT1H30M or P2D");
}

}  // namespace

Json eventOf(const crm::Appointment& appointment, const std::vector<std::string>& contact_names) {
    const std::string who = joined(contact_names);
    const std::string what = appointment.title.empty() ? "Appointment" : appointment.title;
    Json made = event(appointment.kind, appointment.id, who.empty() ? what : what + " – " + who, true);
    setTime(made, appointment.start, appointment.time_zone, appointment.duration_minutes, false);
    // Notes on a client stay here; those of a meeting are for everyone in it.
    if (appointment.kind == "meeting" && !appointment.notes.empty()) made.set("description", appointment.notes);
    Json participants = Json::object();
    for (const crm::Participant& one : appointment.participants) {
        if (one.email.empty()) continue;
        participants.set("p" + std::to_string(participants.members().size() + 1),
                         Json::object()
                             .set("name", one.name)
                             .set("email", one.email)
                             .set("roles", Json::object().set("attendee", true)));
    }
    if (!participants.members().empty()) made.set("participants", participants);
    return made;
}

Json eventOf(const crm::BlockTime& block) {
    Json made = event("block", block.id, block.title.empty() ? "Blocked" : block.title, true);
    return setTime(made, block.start, block.time_zone, block.duration_minutes, block.all_day);
}

Json eventOf(const crm::FollowUp& follow_up, const std::string& contact_name) {
    const std::string title = (follow_up.done ? "Done: " : "") + follow_up.title;
    Json made = event("follow-up", follow_up.id, contact_name.empty() ? title : title + " – " + contact_name, false);
    if (!follow_up.notes.empty()) made.set("description", follow_up.notes);
    const bool all_day = !follow_up.time;
    return setTime(made, follow_up.date + "T" + follow_up.time.value_or("00:00"), follow_up.time_zone,
                   all_day ? kDayMinutes : kFollowUpMinutes, all_day);
}

EventTime timeOf(const Json& event) {
    EventTime time;
    time.start = event.str("start").substr(0, 16);
    time.time_zone = event.getStr("timeZone");
    time.all_day = event.getBool("showWithoutTime");
    time.minutes = durationMinutes(event.str("duration"));
    if (time.minutes < 1 || time.minutes > 366 * kDayMinutes) refuseDuration(event.str("duration"));
    return time;
}

int durationMinutes(const std::string& duration) {
    if (duration.size() < 3 || duration[0] != 'P') refuseDuration(duration);
    bool in_time = false;
    long total_seconds = 0, number = -1;
    for (std::size_t i = 1; i < duration.size(); ++i) {
        const char c = duration[i];
        if (c == 'T' && !in_time && number < 0) {
            in_time = true;
        } else if (c >= '0' && c <= '9' && number < 1'000'000) {
            number = std::max(number, 0L) * 10 + (c - '0');
        } else {
            const long unit = c == 'W' && !in_time   ? 7 * 86400
                              : c == 'D' && !in_time ? 86400
                              : c == 'H' && in_time  ? 3600
                              : c == 'M' && in_time  ? 60
                              : c == 'S' && in_time  ? 1
                                                     : 0;
            if (unit == 0 || number < 0) refuseDuration(duration);
            total_seconds += number * unit;
            number = -1;
        }
    }
    if (number >= 0 || total_seconds > 400L * 86400) refuseDuration(duration);
    return static_cast<int>(total_seconds / 60);
}

std::string durationText(int minutes, bool all_day) {
    if (all_day) return "P" + std::to_string(std::max(1, minutes / kDayMinutes)) + "D";
    std::string text = "PT";
    if (minutes >= 60) text += std::to_string(minutes / 60) + "H";
    if (minutes % 60 != 0 || minutes == 0) text += std::to_string(minutes % 60) + "M";
    return text;
}

}  // namespace portico::sync
