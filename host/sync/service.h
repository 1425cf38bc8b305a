// SPDX-License-Identifier: Apache-2.0
// The sync engine's front: turns outbox events into pushes, schedules pulls, starts and stops with connections, and
// tells how things stand. Everything it does runs as jobs; nothing here waits for a service. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/storage/outbox.h"
#include "host/sync/departures.h"
#include "host/sync/event_records.h"
#include "host/sync/links.h"
#include "host/sync/watches.h"

namespace portico::credential {
class Vault;
}
namespace portico::plugin {
class Plugins;
}

namespace portico::sync {

struct StreamStatus {
    std::string plugin, plugin_name, stream, title, direction, collection;
    ConnectionId connection;
    UserId user;
    std::string state;  // "idle"; after a run that failed "waiting" if that passes by itself, else "problem"
    std::optional<std::int64_t> last_pull_at, last_push_at;
    Counts counts;
    std::string problem;
    WatchStatus notifications;
};

class Service {
public:
    // `owner_of` tells a tenant's owner: whose calendar shows staff without a sign-in. Sets handlers on `workers`, so
    // make it before they start. `hooks`: what the addresses for notifications start with; empty: polling only.
    Service(storage::Database& database, jobs::Workers& workers, plugin::Plugins& plugins, credential::Vault& vault,
            const Clock& clock, EventRecords::OwnerOf owner_of, std::string hooks);
    ~Service();

    // The acting user made a connection: its plugin's streams appear, are pulled once (so that nothing is doubled) and
    // then pushed. Making it again (a new consent) runs them again.
    void connected(const CallContext& ctx, const ConnectionId& connection, const PluginId& plugin);
    // A connection ended: its streams, links and snapshots are gone when this returns.
    void disconnected(const CallContext& ctx, const ConnectionId& connection);

    // For those who want something removed before their connections end.
    Departures& departures();

    // Before a plugin is disabled, because nobody can end its watches afterwards; and after it was enabled.
    void pluginDisabling(const CallContext& ctx, const PluginId& plugin);
    void pluginEnabled(const CallContext& ctx, const PluginId& plugin);

    // The same as disconnected() for every stream of a plugin, whatever became of its connections.
    void pluginErased(const CallContext& ctx, const PluginId& plugin);

    // Somebody allowed the plugin to be given what came from their account: its streams push again.
    void sharingChanged(const CallContext& ctx, const PluginId& plugin);

    // Streams of a plugin that is not installed any more are shown with that as their problem.
    std::vector<StreamStatus> status(const CallContext& ctx);
    // Queues a pull and a push now; empty filters mean all. Returns how many streams will run.
    int runNow(const CallContext& ctx, const std::string& plugin, const std::string& connection,
               const std::string& stream);
    std::vector<Conflict> conflictList(const CallContext& ctx, int limit);

    // A service posted to the address with this secret (Watches::take).
    bool notified(std::string_view secret, const Json& head, std::string_view body);
    // Looks after every watch there should be (Watches::tendAll).
    void tendWatches();

    // Outbox consumer "sync": the events of one tenant in order; returns the seq that is safely taken over.
    std::int64_t consume(const CallContext& ctx, const std::vector<storage::StoredEvent>& events);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace portico::sync
