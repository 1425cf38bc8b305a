// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/calendar.h"

namespace portico::google {

namespace {

// Google answers a write with times in the calendar's zone. What was just written is known in the event's own.
Json asWritten(const Json& answer, const Json& written, const ShownEvent* before) {
    Json event = answer;
    for (const char* name : {"start", "end"}) {
        if (written.contains(name))
            event[name] = written[name];
        else if (before && before->event.contains(name))
            event[name] = before->event[name];
    }
    return event;
}

// The zone the event probably has; a wrong guess costs one more request.
std::string hintOf(const Json& change) {
    const std::string before = textOf(member(change, "base"), "timeZone");
    return before.empty() ? textOf(member(change, "record"), "timeZone") : before;
}

}  // namespace

void Calendar::push(const Call& call, const std::string& calendar, std::string_view lines, sdk::Output& output) const {
    const std::vector<Json> changes = parseLines(lines);
    const bool share = shareParticipants(call);
    Outcomes outcomes(output);
    inBatches(changes, 1, outcomes, [&](Changes one) {
        const std::string op = textOf(one[0], "op");
        if (op == "create")
            create(call, calendar, one[0], share, outcomes);
        else if (op == "update")
            update(call, calendar, one[0], share, outcomes);
        else if (op == "delete")
            remove(call, calendar, one[0], share, outcomes);
        else
            outcomes.refused(one[0], "bad_op", "unknown op '" + op + "'");
    });
}

void Calendar::create(const Call& call, const std::string& calendar, const Json& change, bool share,
                      Outcomes& outcomes) const {
    const std::string id = textOf(change, "token");
    if (!isOurs(id)) {
        return outcomes.refused(change, "no_token", "a create needs the token of prepare, or it could not be repeated");
    }
    Json event = changedMembers(member(change, "record"), Json::object(), "", share);
    event["id"] = id;
    try {
        const Json answer = api_.insert(call, calendar, event);
        outcomes.ok(change, id, textOf(answer, "etag"), toRecord(asWritten(answer, event, nullptr), "", share));
    } catch (const ApiError& error) {
        if (error.http() != 409) throw;
        settleDuplicate(call, calendar, change, share, outcomes);
    }
}

// Our id exists: an earlier try of this very create arrived.
void Calendar::settleDuplicate(const Call& call, const std::string& calendar, const Json& change, bool share,
                               Outcomes& outcomes) const {
    const std::string id = textOf(change, "token");
    const Json& record = member(change, "record");
    const std::optional<ShownEvent> there = api_.get(call, calendar, id, hintOf(change));
    if (!there) return outcomes.gone(change, id);  // created, and deleted there since; ids are never free again
    Json now = toRecord(there->event, there->zone, share);
    if (changedMembers(record, there->event, there->zone, share).empty()) {
        outcomes.ok(change, id, there->version(), std::move(now));
    } else {
        outcomes.conflict(change, id, there->version(), std::move(now));
    }
}

void Calendar::update(const Call& call, const std::string& calendar, const Json& change, bool share,
                      Outcomes& outcomes) const {
    const std::string id = textOf(change, "ref"), expected = textOf(change, "version");
    const Json& record = member(change, "record");
    // Read first: a guest list is replaced whole and must keep what guests answered.
    const auto readNow = [&] { return api_.get(call, calendar, id, hintOf(change)); };
    const auto conflict = [&](const std::optional<ShownEvent>& now) {
        if (!now) return outcomes.gone(change, id);
        outcomes.conflict(change, id, now->version(), toRecord(now->event, now->zone, share));
    };
    const std::optional<ShownEvent> now = readNow();
    if (!now || (!expected.empty() && expected != now->version())) return conflict(now);
    const Json members = changedMembers(record, now->event, now->zone, share);
    if (members.empty()) return outcomes.ok(change, id, now->version(), toRecord(now->event, now->zone, share));
    try {
        const Json answer = api_.patch(call, calendar, id, now->version(), members);
        outcomes.ok(change, id, textOf(answer, "etag"), toRecord(asWritten(answer, members, &*now), now->zone, share));
    } catch (const ApiError& error) {
        if (error.http() == 412) return conflict(readNow());
        if (error.http() == 404 || error.http() == 410) return outcomes.gone(change, id);
        throw;
    }
}

void Calendar::remove(const Call& call, const std::string& calendar, const Json& change, bool share,
                      Outcomes& outcomes) const {
    const std::string id = textOf(change, "ref"), expected = textOf(change, "version");
    std::optional<ShownEvent> now = api_.get(call, calendar, id, hintOf(change));
    try {
        if (now && (expected.empty() || expected == now->version())) {
            api_.remove(call, calendar, id, now->version());
            now.reset();
        }
    } catch (const ApiError& error) {
        if (error.http() != 412) throw;
        now = api_.get(call, calendar, id, hintOf(change));
    }
    if (!now) return outcomes.ok(change, id, "");
    outcomes.conflict(change, id, now->version(), toRecord(now->event, now->zone, share));
}

}  // namespace portico::google
