// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-calendar/calendar.h"

namespace portico::google {

Calendar::Calendar(sdk::Host host) : Plugin(host), settings_(host), api_(host) {
    onCollections("events", [this](const Call& call, sdk::Output& lines) { collections(call, lines); });
    onPull("events", [this](const Call& call, Text calendar, Text cursor, sdk::Output& changes) {
        pull(call, std::string(calendar), cursor, changes);
    });
    onPrepare("events", [](const Call& call, Text calendar, Text intents, sdk::Output& tokens) {
        for (const Json& intent : parseLines(intents)) {
            const std::string key = textOf(intent, "key");
            tokens.line(Json{{"key", key}, {"token", "crm" + newToken(call, calendar, key)}}.dump());
        }
    });
    onPush("events", [this](const Call& call, Text calendar, Text changes, sdk::Output& outcomes) {
        push(call, std::string(calendar), changes, outcomes);
    });
    onRead("events", [this](const Call& call, Text calendar, Text refs, sdk::Output& found) {
        read(call, std::string(calendar), refs, found);
    });
    onAction("client", [this](const Call& call, Text context) {
        return clientPanel(call, parseObject(context, "the context")).dump();
    });
    onBusy([this](const Call& call, Text calendars, Text from, Text to, sdk::Output& lines) {
        busy(call, calendars, from, to, lines);
    });
    onWatch([this](const Call& call, Text request) { return watch(call, parseObject(request, "the request")); });
    onUnwatch([this](const Call& call, Text given) { unwatch(call, parseObject(given, "the watch")); });
    onReceive([this](const Call&, Text given, Text head, Text, sdk::Output& pulls) {
        receive(parseObject(given, "the watch"), parseObject(head, "the head"), pulls);
    });
}

bool Calendar::shareParticipants(const Call& call) const {
    const Json settings = parseObject(settings_.get(call), "the settings");
    return member(settings, "share_participants") != false;
}

bool Calendar::inCalendarOfItsOwn(const Call& call) const {
    const Json settings = parseObject(settings_.get(call), "the settings");
    return textOf(settings, "where") == "dedicated";
}

}  // namespace portico::google

PORTICO_PLUGIN(portico::google::Calendar, PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION)
