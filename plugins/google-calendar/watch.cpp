// SPDX-License-Identifier: Apache-2.0
// Google's watch channels: it posts, without any content, whenever something in the calendar changed. A channel cannot
// be renewed; the host opens a new one before the old one ends.
#include "plugins/google-calendar/calendar.h"

#include <portico/plugin/time.hpp>

namespace portico::google {

namespace {

bool sameSecret(std::string_view a, std::string_view b) {  // takes time that depends on the length alone
    unsigned char difference = a.size() != b.size() || a.empty();
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

}  // namespace

std::string Calendar::watch(const Call& call, const Json& request) const {
    const Json channel = api_.watch(
        call, textOf(request, "collection"),
        {{"id", textOf(request, "channel")}, {"token", textOf(request, "token")}, {"address", textOf(request, "url")}});
    Json watch = {{"ref", textOf(channel, "resourceId")}};
    const std::string expiration = textOf(channel, "expiration");  // milliseconds, as text
    if (!expiration.empty() && expiration.size() <= 15 &&
        expiration.find_first_not_of("0123456789") == std::string::npos)
        watch["expires"] = sdk::formatInstant(std::stoll(expiration));
    return watch.dump();
}

void Calendar::unwatch(const Call& call, const Json& watch) const {
    api_.stopWatching(call, textOf(watch, "channel"), textOf(watch, "ref"));
}

// Google's first post ("sync") may come before its answer to the watch, when there is no ref yet to compare with.
void Calendar::receive(const Json& watch, const Json& head, sdk::Output& pulls) const {
    const Json& headers = member(head, "headers");
    const std::string ref = textOf(watch, "ref");
    if (!sameSecret(textOf(headers, "x-goog-channel-token"), textOf(watch, "token")) ||
        textOf(headers, "x-goog-channel-id") != textOf(watch, "channel") ||
        (!ref.empty() && textOf(headers, "x-goog-resource-id") != ref))
        throw sdk::PluginError(PORTICO_E_DENIED, "not_from_google", "that notification is not of this channel");
    const std::string state = textOf(headers, "x-goog-resource-state");
    if (state != "exists" && state != "not_exists") return;  // "sync": the channel works, nothing changed
    pulls.line(Json{{"stream", textOf(watch, "stream")}, {"collection", textOf(watch, "collection")}}.dump());
}

}  // namespace portico::google
