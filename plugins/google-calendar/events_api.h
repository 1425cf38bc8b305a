// SPDX-License-Identifier: Apache-2.0
// The part of the Calendar API this plugin uses. It can only ask for events that carry our private property or whose id
// is ours, and every write says sendUpdates=none: Google mails nobody. Immutable; safe from any thread serving a call.
#pragma once

#include "plugins/google-common/api.h"

#include <optional>
#include <string>

namespace portico::google {

// An event with its times in the zone it was made in.
struct ShownEvent {
    Json event;
    std::string zone;

    std::string id() const { return textOf(event, "id"); }
    std::string version() const { return textOf(event, "etag"); }
};

inline constexpr const char* kMainCalendar = "primary";  // Google's word for the main calendar of whoever asks

class EventsApi {
public:
    explicit EventsApi(sdk::Host host) : api_(host) {}

    Json calendars(const Call& call, const std::string& page_token) const;
    Json makeCalendar(const Call& call, const std::string& name, const std::string& description) const;
    // Our events changed since then (all of them when empty), as Google pages them.
    Json listPage(const Call& call, const std::string& calendar, const std::string& updated_min,
                  const std::string& page_token) const;
    // Nothing when it is not there or was deleted. `hint`: the zone it probably has; saves a second request.
    std::optional<ShownEvent> get(const Call& call, const std::string& calendar, const std::string& id,
                                  const std::string& hint = "") const;
    // An event of a list whose times came in another zone is fetched again in its own.
    std::optional<ShownEvent> inOwnZone(const Call& call, const std::string& calendar, Json event,
                                        const std::string& shown) const;

    // Each returns the new etag with the event; ApiError Conflict when the id exists or the etag is stale.
    Json insert(const Call& call, const std::string& calendar, const Json& event) const;
    Json patch(const Call& call, const std::string& calendar, const std::string& id, const std::string& etag,
               const Json& members) const;
    void remove(const Call& call, const std::string& calendar, const std::string& id, const std::string& etag) const;

    // `channel`: its id, token and address; Google's answer.
    Json watch(const Call& call, const std::string& calendar, Json channel) const;
    void stopWatching(const Call& call, const std::string& channel, const std::string& resource) const;

    // calendars: at most 50 ids; the answer's "calendars" object.
    Json freeBusy(const Call& call, const Json& ids, const std::string& from, const std::string& to) const;

private:
    std::optional<Json> getIn(const Call& call, const std::string& calendar, const std::string& id,
                              const std::string& zone) const;
    Api api_;
};

}  // namespace portico::google
