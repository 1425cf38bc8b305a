// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/event_feed.h"

#include <algorithm>
#include <map>

#include "host/base/log.h"
#include "host/manifest/consent.h"
#include "host/plugin/exits.h"
#include "host/plugin/plugins.h"

namespace portico::plugin {
namespace {

constexpr const char* kWhy = "every tenant's events go to the plugins it uses";
constexpr int kMostThreads = 4;  // for one plugin: tenants that are told at once

bool isGuest(const manifest::Manifest& manifest) { return !manifest.builtin_required && !manifest.events.empty(); }

bool named(const manifest::Manifest& manifest, const std::string& type) {
    return std::any_of(manifest.events.begin(), manifest.events.end(),
                       [&](const std::string& pattern) { return manifest::eventWithin(type, pattern); });
}

// plugin-api/schemas/domain-event.schema.json
Json lineOf(const storage::StoredEvent& one) {
    return Json::object()
        .set("seq", one.seq)
        .set("type", one.event.type)
        .set("at", formatInstant(one.at))
        .set("actor", one.actor)
        .set("via", one.via)
        .set("trace", one.trace)
        .set("subject", Json::object().set("kind", one.event.subject_kind).set("id", one.event.subject_id))
        .set("data", eventData(one.event.data));
}

}  // namespace

void EventFeed::refresh() {
    std::map<std::string, const manifest::Manifest*> guests;  // by the name of their consumer
    for (const PluginState& state : plugins_.list())
        if (isGuest(*state.manifest)) guests.emplace(eventConsumer(state.manifest->id), state.manifest);

    std::map<TenantId, std::vector<std::string>> tenants;  // the consumers to look at
    database_.readSystem(kWhy, [&](storage::SystemTx& tx) {
        for (const storage::Place& place : storage::placesOf(tx, eventConsumer(PluginId(""))))
            tenants[place.tenant].push_back(place.consumer);
        for (const auto& [consumer, manifest] : guests)
            for (const TenantId& tenant : tenantsUsing(tx, manifest->id)) tenants[tenant].push_back(consumer);
    });
    for (const auto& [tenant, consumers] : tenants)
        database_.write(tenant, [&](storage::Tx& tx) {
            for (const std::string& consumer : consumers) {
                const auto guest = guests.find(consumer);
                if (guest != guests.end() && enablement(tx, *guest->second).usable())
                    storage::joinConsumer(tx, consumer);
                else
                    storage::leaveConsumer(tx, consumer);
            }
        });
    for (const auto& [consumer, manifest] : guests) addGuest(*manifest);
}

void EventFeed::addGuest(const manifest::Manifest& manifest) {
    const PluginId id = manifest.id;
    jobs::EventDelivery::Guest guest;
    guest.name = eventConsumer(id);
    guest.handler = [this, id](const CallContext& context, const auto& events) { return deliver(id, context, events); };
    guest.dropped = [this, id](storage::Tx& tx, std::int64_t first, std::int64_t last) {
        log::warning(
            "plugin.events_dropped",
            {{"plugin", id.str()}, {"tenant", tx.tenant().str()}, {"events", std::to_string(last - first + 1)}});
        storage::appendEvent(
            tx, CallContext::system(tx.tenant(), "events"),
            {"plugin.events_dropped", "plugin", id.str(), Json::object().set("first", first).set("last", last)},
            clock_.now());
    };
    guest.threads = std::clamp(manifest.concurrency, 1, kMostThreads);  // of a later version: after a restart
    delivery_.addGuest(std::move(guest));
}

std::int64_t EventFeed::deliver(const PluginId& id, const CallContext& context,
                                const std::vector<storage::StoredEvent>& events) {
    const manifest::Manifest& manifest = plugins_.manifest(id);
    std::vector<Json> lines;
    std::int64_t last = 0;
    for (const storage::StoredEvent& event : events)
        if (named(manifest, event.event.type)) {
            lines.push_back(lineOf(event));
            last = event.seq;
        }
    if (lines.empty()) return events.back().seq;
    const CallScope scope{context.tenant,   context.actor, ConnectionId(),
                          context.deadline, context.trace, context.given_up};
    const std::int64_t acked = plugins_.consume(id, scope, lines);
    return acked >= last ? events.back().seq : acked;
}

}  // namespace portico::plugin
