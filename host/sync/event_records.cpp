// SPDX-License-Identifier: Apache-2.0
#include "host/sync/event_records.h"

#include "host/base/error.h"
#include "host/crm/catalogue.h"
#include "host/crm/contacts.h"
#include "host/sync/event_text.h"

namespace portico::sync {
namespace {

constexpr auto kBack = std::chrono::hours(24), kAhead = std::chrono::hours(24 * 366);

CallContext reading(const storage::Tx& tx) { return CallContext::system(tx.tenant(), "sync"); }

std::string nameOf(storage::Tx& tx, Instant now, const std::string& contact_id, plugin::Reader* reader) {
    const auto contact = crm::Contacts(tx, now).find(reading(tx), contact_id);
    if (!contact || reader == nullptr) return contact ? contact->display_name : "";
    const auto places = reader->withheld("contact", contact->provenance);
    return places.empty() ? contact->display_name : crm::indexOf(plugin::without(contact->card, places)).display_name;
}

bool isInCalendars(const crm::Appointment& appointment) {
    return appointment.status == "confirmed" || appointment.status == "completed";
}

template <class Input>
void setTime(Input& input, const EventTime& time) {
    input.start = time.start;
    if (!time.time_zone.empty()) input.time_zone = time.time_zone;
    input.duration_minutes = time.minutes;
}

}  // namespace

const std::vector<std::string>& EventRecords::kinds() const {
    static const std::vector<std::string> kKinds{"appointment", "block-time", "follow-up"};
    return kKinds;
}

bool EventRecords::belongs(storage::Tx& tx, const UserId& owner, const std::optional<std::string>& staff_id) const {
    if (staff_id) {
        const auto member = crm::Staff(tx, clock_.now()).get(reading(tx), *staff_id);
        if (member.user_id) return *member.user_id == owner.str();
    }
    return owner_of_(tx) == owner;
}

std::optional<EventRecords::Found> EventRecords::find(storage::Tx& tx, const std::string& kind, const std::string& id,
                                                      plugin::Reader* reader) const {
    const Instant now = clock_.now();
    if (kind == "appointment") {
        const auto found = crm::Appointments(tx, now).find(reading(tx), id);
        if (!found || !isInCalendars(*found)) return std::nullopt;
        std::vector<std::string> names;
        for (const std::string& contact : found->contact_ids) names.push_back(nameOf(tx, now, contact, reader));
        std::erase(names, "");
        return Found{{kind, id, found->version, eventOf(*found, names), found->provenance}, found->staff_id};
    }
    if (kind == "block-time") {
        const auto found = crm::BlockTimes(tx, now).find(reading(tx), id);
        if (!found) return std::nullopt;
        return Found{{kind, id, found->version, eventOf(*found), found->provenance}, found->staff_id};
    }
    const auto found = crm::FollowUps(tx, now).find(reading(tx), id);
    if (!found) return std::nullopt;
    const std::string name = nameOf(tx, now, found->contact_id, reader);
    return Found{{kind, id, found->version, eventOf(*found, name), found->provenance}, found->staff_id};
}

std::optional<LocalRecord> EventRecords::load(storage::Tx& tx, const UserId& owner, const std::string& kind,
                                              const std::string& id) const {
    auto found = find(tx, kind, id);
    if (!found || !belongs(tx, owner, found->staff_id)) return std::nullopt;
    return std::move(found->record);
}

std::vector<std::pair<std::string, std::string>> EventRecords::all(storage::Tx& tx, const UserId& owner) const {
    const Instant now = clock_.now();
    const crm::Span span{now - kBack, now + kAhead};
    std::vector<std::pair<std::string, std::string>> ids;
    crm::AppointmentQuery appointments;
    appointments.span = span;
    appointments.cancelled_too = false;
    for (const auto& one : crm::Appointments(tx, now).list(reading(tx), appointments)) {
        if (belongs(tx, owner, one.staff_id)) ids.emplace_back("appointment", one.id);
    }
    for (const auto& one : crm::BlockTimes(tx, now).list(reading(tx), span, std::nullopt)) {
        if (belongs(tx, owner, one.staff_id)) ids.emplace_back("block-time", one.id);
    }
    crm::FollowUpQuery follow_ups;
    follow_ups.due_from = span.from;
    follow_ups.due_until = span.until;
    for (const auto& one : crm::FollowUps(tx, now).list(reading(tx), follow_ups)) {
        if (belongs(tx, owner, one.staff_id)) ids.emplace_back("follow-up", one.id);
    }
    return ids;
}

LocalRecord EventRecords::update(storage::Tx& tx, const CallContext& ctx, const LocalRecord& now,
                                 const Json& record) const {
    const EventTime time = timeOf(record);
    const Instant at = clock_.now();
    if (now.kind == "appointment") {
        crm::Appointments appointments(tx, at);
        crm::AppointmentInput input = appointments.get(ctx, now.id);
        if (time.all_day)
            throw Error(Code::Conflict, "all_day",
                        "it was made an all-day event in the calendar, which an appointment cannot be");
        setTime(input, time);
        appointments.update(ctx, now.id, now.version, input);
    } else if (now.kind == "block-time") {
        crm::BlockTimes blocks(tx, at);
        crm::BlockTimeInput input = blocks.get(ctx, now.id);
        setTime(input, time);
        input.all_day = time.all_day;
        blocks.update(ctx, now.id, now.version, input);
    } else {
        crm::FollowUps follow_ups(tx, at);
        crm::FollowUpInput input = follow_ups.get(ctx, now.id);
        input.date = time.start.substr(0, 10);
        input.time = time.all_day ? std::nullopt : std::optional(time.start.substr(11));
        follow_ups.update(ctx, now.id, now.version, input);
    }
    // As it is now: what is not taken over (a title, say) is not in the record that we keep.
    return find(tx, now.kind, now.id).value().record;
}

std::optional<Json> EventRecords::leaving(storage::Tx& tx, const LocalRecord& local, plugin::Reader& reader,
                                          const Json&) const {
    if (!reader.mayAll("event", local.provenance)) return std::nullopt;  // an event without its time is none
    Json event = local.record;
    const auto ours = find(tx, local.kind, local.id), theirs = find(tx, local.kind, local.id, &reader);
    if (ours && theirs && event.getStr("title") == ours->record.record.str("title"))
        event.set("title", theirs->record.record.str("title"));
    return event;
}

std::string EventRecords::removedThere(storage::Tx& tx, const CallContext& ctx, const std::string& kind,
                                       const std::string& id) const {
    const Instant now = clock_.now();
    if (kind == "appointment") {
        crm::Appointments(tx, now).setStatus(ctx, id, std::nullopt, "cancelled");
        return "Deleted in the calendar; cancelled here.";
    }
    if (kind == "block-time") {
        crm::BlockTimes(tx, now).remove(ctx, id, std::nullopt);
        return "Deleted in the calendar; removed here.";
    }
    return "Deleted in the calendar; kept here.";
}

}  // namespace portico::sync
