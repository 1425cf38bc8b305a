// SPDX-License-Identifier: Apache-2.0
// Google Calendar for the host's sync engine and its availability check. Sync is in sync.cpp and push.cpp, free/busy in
// busy.cpp, notifications in watch.cpp. Foreign events are never asked for: lists carry our private property, single
// reads our id, and availability comes from free/busy, which holds no titles. Immutable after construction.
#pragma once

#include "plugins/google-calendar/event.h"
#include "plugins/google-calendar/events_api.h"
#include "plugins/google-common/outcomes.h"

namespace portico::google {

class Calendar final : public sdk::Plugin {
public:
    explicit Calendar(sdk::Host host);

private:
    void collections(const Call& call, sdk::Output& lines) const;
    std::string dedicated(const Call& call, const Json& entries) const;
    void pull(const Call& call, const std::string& calendar, std::string_view cursor, sdk::Output& changes) const;
    void giveOut(const Call& call, const std::string& calendar, Json event, const std::string& shown, bool share,
                 sdk::Output& changes) const;
    void read(const Call& call, const std::string& calendar, std::string_view refs, sdk::Output& found) const;

    void push(const Call& call, const std::string& calendar, std::string_view lines, sdk::Output& output) const;
    void create(const Call& call, const std::string& calendar, const Json& change, bool share,
                Outcomes& outcomes) const;
    void settleDuplicate(const Call& call, const std::string& calendar, const Json& change, bool share,
                         Outcomes& outcomes) const;
    void update(const Call& call, const std::string& calendar, const Json& change, bool share,
                Outcomes& outcomes) const;
    void remove(const Call& call, const std::string& calendar, const Json& change, bool share,
                Outcomes& outcomes) const;

    void busy(const Call& call, std::string_view calendars, std::string_view from, std::string_view to,
              sdk::Output& lines) const;

    std::string watch(const Call& call, const Json& request) const;
    void unwatch(const Call& call, const Json& watch) const;
    void receive(const Json& watch, const Json& head, sdk::Output& pulls) const;

    Json clientPanel(const Call& call, const Json& context) const;  // panel.cpp
    Json inGoogle(const Call& call, const Json& appointment, const std::string& zone) const;

    bool shareParticipants(const Call& call) const;
    bool inCalendarOfItsOwn(const Call& call) const;  // what the admin chose; decides the scopes of new connections

    sdk::Settings settings_;
    EventsApi api_;
};

}  // namespace portico::google
