// SPDX-License-Identifier: Apache-2.0
// Tells plugins what happened (portico.event/1). Each installed plugin whose manifest names events is a guest of the
// event delivery, with a place in the outbox of each tenant that has it enabled and agreed to what it asks for:
// enabling makes the place (events from then on), disabling gives it up (setEnabled), and so does an update that asks
// for more, until an admin agrees. A plugin that takes nothing for as long as jobs::Backlog says loses what waited; the
// event "plugin.events_dropped" tells the admin. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/jobs/event_delivery.h"
#include "host/manifest/manifest.h"
#include "host/storage/outbox.h"

namespace portico::plugin {

class Plugins;

class EventFeed {
public:
    EventFeed(Plugins& plugins, storage::Database& database, jobs::EventDelivery& delivery, const Clock& clock)
        : plugins_(plugins), database_(database), delivery_(delivery), clock_(clock) {}

    // Once before delivery starts, and after each Plugins::reload(): what is installed now gets its events, places of
    // what is gone, no longer asks for events or rests for want of consent are given up.
    void refresh();

    // Hands over the events that the plugin's manifest names. Returns the number of the last one it has, of those it is
    // not told of the last before that.
    std::int64_t deliver(const PluginId& id, const CallContext& context,
                         const std::vector<storage::StoredEvent>& events);

private:
    void addGuest(const manifest::Manifest& manifest);

    Plugins& plugins_;
    storage::Database& database_;
    jobs::EventDelivery& delivery_;
    const Clock& clock_;
};

}  // namespace portico::plugin
