// SPDX-License-Identifier: Apache-2.0
#include "host/sync/service.h"

#include <functional>
#include <map>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/vault.h"
#include "host/crm/occupancy.h"
#include "host/jobs/workers.h"
#include "host/sync/availability.h"
#include "host/sync/contact_records.h"
#include "host/sync/dispatch.h"
#include "host/sync/plugin_connector.h"
#include "host/sync/plugin_watcher.h"
#include "host/sync/pull.h"
#include "host/sync/push.h"

namespace portico::sync {
namespace {

constexpr auto kCallBudget = std::chrono::minutes(5);

// Pull and push of one stream share a key, so that they never run side by side.
std::string keyOf(const StreamKey& key) { return key.connection.str() + "/" + key.stream; }

Json payloadOf(const StreamKey& key, const std::string& collection) {
    return Json::object()
        .set("connection", key.connection.str())
        .set("stream", key.stream)
        .set("collection", collection);
}

// What passes by itself is waited for; anything else needs somebody.
std::string stateOf(const StreamState& stream) {
    if (stream.problem_code.empty()) return "idle";
    for (const Code passing : {Code::Unavailable, Code::Limit, Code::Deadline})
        if (stream.problem_code == codeName(passing)) return "waiting";
    return "problem";
}

}  // namespace

struct Service::Parts {
    storage::Database& database;
    jobs::Workers& workers;
    plugin::Plugins& plugins;
    credential::Vault& vault;
    const Clock& clock;
    ContactRecords contacts;
    EventRecords events;
    RecordsByName records;
    PluginWatcher watcher;
    Watches watches;
    Departures departures;

    Parts(storage::Database& rows, jobs::Workers& jobs, plugin::Plugins& all, credential::Vault& connections,
          const Clock& time, EventRecords::OwnerOf owner_of, std::string hooks)
        : database(rows),
          workers(jobs),
          plugins(all),
          vault(connections),
          clock(time),
          contacts(time),
          events(time, std::move(owner_of)),
          records{{"contact", &contacts}, {"event", &events}},
          watcher(all),
          watches(rows, jobs, watcher, time, std::move(hooks),
                  [this](storage::Tx& tx, const StreamState& stream, Instant at) {
                      enqueue(tx, "sync.pull", stream.key, stream.collection, at);
                  }),
          departures(rows, jobs, time, [this](const CallContext& ctx, const StreamState& stream) {
              return std::make_unique<PluginConnector>(plugins, PluginId(stream.plugin), scopeOf(ctx, stream),
                                                       stream.key.stream);
          }) {}

    std::int64_t now() const { return toMillis(clock.now()); }

    // Null when the plugin is not installed any more.
    const manifest::Manifest* pluginOf(const StreamState& state) const {
        try {
            return &plugins.manifest(PluginId(state.plugin));
        } catch (const Error& error) {
            if (error.code() != Code::NotFound) throw;
            return nullptr;
        }
    }
    const manifest::Stream* streamOf(const StreamState& state) const {
        const manifest::Manifest* plugin = pluginOf(state);
        return plugin == nullptr ? nullptr : plugin->stream(state.key.stream);
    }
    std::string recordOf(const StreamState& state) const {
        const manifest::Stream* stream = streamOf(state);
        return stream == nullptr ? "" : stream->record;
    }
    plugin::CallScope scopeOf(const CallContext& ctx, const StreamState& state) const {
        return {ctx.tenant,
                Actor{state.user, "sync"},
                state.key.connection,
                Deadline::in(kCallBudget).sooner(ctx.deadline),
                ctx.trace,
                ctx.given_up};
    }

    void enqueue(storage::Tx& tx, const char* kind, const StreamKey& key, const std::string& collection,
                 std::optional<Instant> at = {}) {
        jobs::NewJob job;
        job.kind = kind;
        job.key = keyOf(key);
        job.payload = payloadOf(key, collection);
        job.run_at = at;
        job.once = true;
        workers.enqueue(tx, job);
    }

    void startStreams(const jobs::Run& run);
    std::string collectionFor(const CallContext& ctx, const StreamState& state, const manifest::Stream& stream);
    void startStream(const CallContext& ctx, StreamState state, const manifest::Stream& stream);
    void pull(const jobs::Run& run);
    void push(const jobs::Run& run);
    template <class F>
    void inStream(const jobs::Run& run, F&& f);
    void forget(const CallContext& ctx, const std::function<bool(const StreamState&)>& concerned);
    void nameSource(const CallContext& ctx, const StreamState& state);
    void noteProblem(const CallContext& ctx, const StreamState& state, const Error* error);
};

Service::Service(storage::Database& database, jobs::Workers& workers, plugin::Plugins& plugins,
                 credential::Vault& vault, const Clock& clock, EventRecords::OwnerOf owner_of, std::string hooks)
    : parts_(new Parts(database, workers, plugins, vault, clock, std::move(owner_of), std::move(hooks))) {
    workers.handle("sync.start", [parts = parts_.get()](const jobs::Run& run) { parts->startStreams(run); });
    workers.handle("sync.pull", [parts = parts_.get()](const jobs::Run& run) { parts->pull(run); });
    workers.handle("sync.push", [parts = parts_.get()](const jobs::Run& run) { parts->push(run); });
}

Service::~Service() = default;

void Service::connected(const CallContext& ctx, const ConnectionId& connection, const PluginId& plugin) {
    if (parts_->plugins.manifest(plugin).streams.empty()) return;
    parts_->database.write(ctx.tenant, [&](storage::Tx& tx) {
        jobs::NewJob job;
        job.kind = "sync.start";
        job.key = connection.str();
        job.payload = Json::object()
                          .set("connection", connection.str())
                          .set("plugin", plugin.str())
                          .set("user", ctx.actor.user.str());
        parts_->workers.enqueue(tx, job);
    });
}

void Service::Parts::startStreams(const jobs::Run& run) {
    const ConnectionId connection(run.payload().str("connection"));
    const PluginId id(run.payload().str("plugin"));
    const manifest::Manifest& plugin = plugins.manifest(id);
    const std::string connection_name = vault.connection(run.context().tenant, connection).connection_name;
    for (const manifest::Stream& stream : plugin.streams) {
        if (stream.connection != connection_name) continue;
        StreamState state;
        state.key = {connection, stream.name};
        state.plugin = id.str();
        state.user = UserId(run.payload().str("user"));
        startStream(run.context(), std::move(state), stream);
    }
    // Removed while its plugin was asked: whoever removed it may have been here before the streams were.
    try {
        vault.connection(run.context().tenant, connection);
    } catch (const Error& error) {
        if (error.code() != Code::NotFound) throw;
        forget(run.context(), [&](const StreamState& state) { return state.key.connection == connection; });
    }
}

// Where the stream's records go: connected again, where they are already; else where its plugin says.
std::string Service::Parts::collectionFor(const CallContext& ctx, const StreamState& state,
                                          const manifest::Stream& stream) {
    for (const StreamState& known : database.read(ctx.tenant, [](storage::Tx& tx) { return streams(tx); }))
        if (keyOf(known.key) == keyOf(state.key)) return known.collection;
    PluginConnector connector(plugins, PluginId(state.plugin), scopeOf(ctx, state), state.key.stream);
    std::string chosen;
    for (const Json& collection : connector.collections()) {
        if (!collection.getBool("writable")) continue;
        if (chosen.empty() || collection.getBool("default")) chosen = collection.str("id");
    }
    if (chosen.empty())
        throw Error(Code::Denied, "nothing_writable",
                    "the connected account has no " + stream.title + " that can be written to");
    return chosen;
}

void Service::Parts::startStream(const CallContext& ctx, StreamState state, const manifest::Stream& stream) {
    state.collection = collectionFor(ctx, state, stream);
    database.write(ctx.tenant, [&](storage::Tx& tx) {
        if (!findStream(tx, state.key, state.collection)) saveStream(tx, state);
        for (const auto& [kind, id] : records.at(stream.record)->all(tx, state.user))
            touchLink(tx, state.key, state.collection, kind, id, now());
        jobs::Schedule schedule;
        schedule.name = "sync:" + keyOf(state.key);
        schedule.kind = "sync.pull";
        schedule.key = keyOf(state.key);
        schedule.payload = payloadOf(state.key, state.collection);
        schedule.every = stream.every;
        schedule.jitter = stream.every / 4;
        workers.schedule(tx, schedule);
        enqueue(tx, "sync.pull", state.key, state.collection);
        watches.tend(tx, state);
    });
}

// Runs f(state, scope, connector) for the job's stream; a stream that is gone (disconnected meanwhile) is no failure.
template <class F>
void Service::Parts::inStream(const jobs::Run& run, F&& f) {
    const CallContext& ctx = run.context();
    const StreamKey key{ConnectionId(run.payload().str("connection")), run.payload().str("stream")};
    const auto state = database.read(
        ctx.tenant, [&](storage::Tx& tx) { return findStream(tx, key, run.payload().str("collection")); });
    if (!state || database.read(ctx.tenant, [&](storage::Tx& tx) { return isLeaving(tx, key.connection); })) return;
    const std::string record = recordOf(*state);
    if (!records.contains(record)) return;
    Scope scope{ctx, *state, *records.at(record), now(), pluginOf(*state)};
    nameSource(ctx, *state);
    scope.ctx.actor.via = "sync:" + key.connection.str();
    PluginConnector connector(plugins, PluginId(state->plugin), scopeOf(ctx, *state), key.stream);
    try {
        f(*state, std::move(scope), connector);
        noteProblem(ctx, *state, nullptr);
    } catch (...) {
        const Error error = currentError();
        if (error.code() != Code::Cancelled) noteProblem(ctx, *state, &error);
        throw error;
    }
}

// Who stands behind what this connection brings, known before it brings anything.
void Service::Parts::nameSource(const CallContext& ctx, const StreamState& state) {
    const manifest::Manifest& plugin = *pluginOf(state);
    const manifest::Connection* connection = plugin.connection(streamOf(state)->connection);
    const std::string id = "sync:" + state.key.connection.str();
    if (database.read(ctx.tenant, [&](storage::Tx& tx) { return crm::findSource(tx, id).has_value(); })) return;
    database.write(ctx.tenant, [&](storage::Tx& tx) {
        crm::nameSource(tx, id, {state.plugin, manifest::providerOf(plugin, *connection), state.user});
    });
}

void Service::Parts::noteProblem(const CallContext& ctx, const StreamState& state, const Error* error) {
    database.write(ctx.tenant, [&](storage::Tx& tx) {
        auto now_stored = findStream(tx, state.key, state.collection);
        if (!now_stored) return;
        now_stored->problem_code = error == nullptr ? "" : codeName(error->code());
        now_stored->problem = error == nullptr ? "" : error->what();
        saveStream(tx, *now_stored);
    });
}

void Service::Parts::pull(const jobs::Run& run) {
    inStream(run, [&](const StreamState& state, Scope scope, Connector& connector) {
        const manifest::Stream& stream = *streamOf(state);
        if (stream.direction != "push") {
            const auto result = Pull(database, std::move(scope), connector).run();
            if (result.changed + result.removed + result.failed > 0)
                log::info("sync.pulled", {{"tenant", run.context().tenant.str()},
                                          {"stream", state.plugin + "/" + state.key.stream},
                                          {"changed", std::to_string(result.changed)},
                                          {"removed", std::to_string(result.removed)},
                                          {"failed", std::to_string(result.failed)}});
        }
        if (plugins.manifest(PluginId(state.plugin)).provided("portico.availability/1"))
            refreshBusy(database, plugins, scopeOf(run.context(), state), state, clock.now());
        if (stream.direction == "pull") return;
        writeStream(database, run.context().tenant, state,
                    [&](storage::Tx& tx) { enqueue(tx, "sync.push", state.key, state.collection); });
    });
}

void Service::Parts::push(const jobs::Run& run) {
    inStream(run, [&](const StreamState& state, Scope scope, Connector& connector) {
        const int pushed = Push(database, std::move(scope), connector, streamOf(state)->batch).run();
        database.write(run.context().tenant, [&](storage::Tx& tx) {
            auto stored = findStream(tx, state.key, state.collection);
            if (!stored) return;
            stored->last_push_at = now();
            saveStream(tx, *stored);
            // Changed again on the way, or merged with what the service had: once more.
            if (pushed > 0 && countLinks(tx, state.key).waiting > 0)
                enqueue(tx, "sync.push", state.key, state.collection);
        });
    });
}

void Service::Parts::forget(const CallContext& ctx, const std::function<bool(const StreamState&)>& concerned) {
    database.write(ctx.tenant, [&](storage::Tx& tx) {
        for (const StreamState& state : streams(tx)) {
            if (!concerned(state)) continue;
            jobs::removeSchedule(tx, "sync:" + keyOf(state.key));
            crm::forgetExternalBusy(ctx, tx, busySource(state));
            removeHooks(tx, state.key.connection);
            removeConnection(tx, state.key.connection);
        }
    });
}

void Service::disconnected(const CallContext& ctx, const ConnectionId& connection) {
    parts_->watches.end(ctx, [&](const StreamState& state) { return state.key.connection == connection; });
    parts_->forget(ctx, [&](const StreamState& state) { return state.key.connection == connection; });
    parts_->plugins.disconnected(ctx.tenant, connection);
}

void Service::pluginErased(const CallContext& ctx, const PluginId& plugin) {
    parts_->forget(ctx, [&](const StreamState& state) { return state.plugin == plugin.str(); });
}

void Service::pluginDisabling(const CallContext& ctx, const PluginId& plugin) {
    parts_->watches.end(ctx, [&](const StreamState& state) { return state.plugin == plugin.str(); });
}

void Service::pluginEnabled(const CallContext& ctx, const PluginId& plugin) {
    parts_->database.write(ctx.tenant, [&](storage::Tx& tx) {
        for (const StreamState& state : streams(tx))
            if (state.plugin == plugin.str()) parts_->watches.tend(tx, state);
    });
}

Departures& Service::departures() { return parts_->departures; }

void Service::sharingChanged(const CallContext& ctx, const PluginId& plugin) {
    parts_->database.write(ctx.tenant, [&](storage::Tx& tx) {
        for (const StreamState& state : streams(tx)) {
            if (state.plugin != plugin.str()) continue;
            const auto records = parts_->records.find(parts_->recordOf(state));
            if (records == parts_->records.end()) continue;
            for (const auto& [kind, id] : records->second->all(tx, state.user))
                touchLink(tx, state.key, state.collection, kind, id, parts_->now());
            parts_->enqueue(tx, "sync.push", state.key, state.collection);
        }
    });
}

bool Service::notified(std::string_view secret, const Json& head, std::string_view body) {
    return parts_->watches.take(secret, head, body);
}

void Service::tendWatches() { parts_->watches.tendAll(); }

std::vector<StreamStatus> Service::status(const CallContext& ctx) {
    return parts_->database.read(ctx.tenant, [&](storage::Tx& tx) {
        std::vector<StreamStatus> all;
        for (const StreamState& state : streams(tx)) {
            const manifest::Manifest* plugin = parts_->pluginOf(state);
            const manifest::Stream* stream = parts_->streamOf(state);
            StreamStatus status;
            status.plugin = state.plugin;
            status.plugin_name = plugin == nullptr ? state.plugin : plugin->name;
            status.stream = state.key.stream;
            status.title = stream == nullptr ? state.key.stream : stream->title;
            status.direction = stream == nullptr ? "both" : stream->direction;
            status.collection = state.collection;
            status.connection = state.key.connection;
            status.user = state.user;
            status.state = stateOf(state);
            status.last_pull_at = state.last_pull_at;
            status.last_push_at = state.last_push_at;
            status.counts = countLinks(tx, state.key);
            status.problem = state.problem;
            status.notifications = parts_->watches.status(tx, state);
            if (plugin == nullptr) {
                status.state = "problem";
                status.problem = "the plugin is not installed any more; disconnect, or ask the operator to install it";
            }
            all.push_back(std::move(status));
        }
        return all;
    });
}

int Service::runNow(const CallContext& ctx, const std::string& plugin, const std::string& connection,
                    const std::string& stream) {
    return parts_->database.write(ctx.tenant, [&](storage::Tx& tx) {
        int queued = 0;
        for (const StreamState& state : streams(tx)) {
            if ((!plugin.empty() && state.plugin != plugin) || (!stream.empty() && state.key.stream != stream) ||
                (!connection.empty() && state.key.connection.str() != connection))
                continue;
            parts_->enqueue(tx, "sync.pull", state.key, state.collection);
            ++queued;
        }
        return queued;
    });
}

std::vector<Conflict> Service::conflictList(const CallContext& ctx, int limit) {
    return parts_->database.read(ctx.tenant, [&](storage::Tx& tx) { return conflicts(tx, limit); });
}

std::int64_t Service::consume(const CallContext& ctx, const std::vector<storage::StoredEvent>& events) {
    if (events.empty()) return 0;
    return parts_->database.write(ctx.tenant, [&](storage::Tx& tx) {
        const std::vector<StreamState> all = streams(tx);
        std::map<std::string, StreamState> to_push;
        for (const storage::StoredEvent& event : events) {
            for (const StreamState& state : touchedBy(
                     tx, event, parts_->records, all, [&](const StreamState& one) { return parts_->recordOf(one); },
                     parts_->now()))
                to_push.emplace(keyOf(state.key), state);
        }
        for (const auto& [key, state] : to_push) parts_->enqueue(tx, "sync.push", state.key, state.collection);
        return events.back().seq;
    });
}

}  // namespace portico::sync
