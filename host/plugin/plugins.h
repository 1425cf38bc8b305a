// SPDX-License-Identifier: Apache-2.0
// The host's plugins as sync and api see them: what is installed, what a tenant uses, and every plugin function as an
// ordinary call that takes and gives JSON and throws Error. Plugins start when they are first needed, restart after a
// crash (RestartPolicy), and rest while a tenant has them disabled. An update takes over while the version before
// finishes its calls. Thread-safe.
// Every call is refused with Denied "plugin_disabled" or "plugin_consent" when the tenant does not use the plugin, and
// with Unavailable "plugin_resting" or "plugin_quarantined" when it crashed too recently or too often.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/plugin/enablement.h"
#include "host/plugin/health.h"
#include "host/plugin/instance.h"
#include "host/plugin/registry.h"

namespace portico::plugin {

class Keeper;

struct PluginState {
    const manifest::Manifest* manifest;  // of the version that serves
    std::string state;                   // running | starting | stopped | quarantined | refused
    std::string problem;                 // plain words; empty when there is none; also why an update was not taken up
    Sandbox sandbox;                     // of the running instance; level 0 when there is none
    Health health = {};
};

class Plugins {
public:
    Plugins(Registry& registry, wire::RunnerSource& runners, HostServices services, Instance::Options options);
    ~Plugins();

    std::vector<PluginState> list();
    // Of the version that serves. Throws NotFound. The reference stays good as long as the registry.
    const manifest::Manifest& manifest(const PluginId& id);

    // From now on a plugin that crashed is started again when its pause is over, without waiting for a call.
    void keepRunning();

    // After an install, update, rollback or removal: reads the folder again, and what changed is taken up without
    // losing a call. The vault learns the new rules first; then the new version starts beside the old, takes over new
    // calls when it is ready, and the old one ends with its last call. When the new one does not start, the old one
    // goes on and its state says why. What is removed or may no longer run is stopped, its calls included. What did not
    // change is not touched. Throws when the vault cannot be told; asking again is then safe. One at a time, others
    // wait.
    void reload();
    // Starts it now instead of at its first call; lifts a quarantine first.
    void start(const PluginId& id);
    // Ends its calls, too; the next call starts it again.
    void stop(const PluginId& id);

    // After the decision is durable: running calls are cancelled, and refused whatever they still ask for.
    void disabled(const TenantId& tenant, const PluginId& id);
    void disconnected(const TenantId& tenant, const ConnectionId& connection);

    // sync/1. A line that the plugin writes is handed over before the next is read; what `line` throws ends the call
    // and comes out here. Intents, changes, refs and results are the lines of portico/abi.h.
    std::vector<Json> collections(const PluginId& id, const CallScope& scope, const std::string& stream);
    void pull(const PluginId& id, const CallScope& scope, const std::string& stream, const std::string& collection,
              const std::string& cursor, const std::function<void(const Json& line)>& line);
    std::vector<Json> prepare(const PluginId& id, const CallScope& scope, const std::string& stream,
                              const std::string& collection, const std::vector<Json>& intents);
    std::vector<Json> push(const PluginId& id, const CallScope& scope, const std::string& stream,
                           const std::string& collection, const std::vector<Json>& changes);
    std::vector<Json> read(const PluginId& id, const CallScope& scope, const std::string& stream,
                           const std::string& collection, const std::vector<Json>& refs);
    // event/1. The sequence number up to which everything is safely kept.
    std::int64_t consume(const PluginId& id, const CallScope& scope, const std::vector<Json>& events);
    // action/1. Arguments are checked against the manifest first; who may run it is the caller's to check
    // (Action::role).
    Json invoke(const PluginId& id, const CallScope& scope, const std::string& action, const Json& arguments);
    // availability/1. from, to: RFC 3339.
    std::vector<Json> busy(const PluginId& id, const CallScope& scope, const Json& collections, const std::string& from,
                           const std::string& to);
    // webhook/1.
    Json watch(const PluginId& id, const CallScope& scope, const Json& request);
    void unwatch(const PluginId& id, const CallScope& scope, const Json& watch);
    std::vector<Json> receive(const PluginId& id, const CallScope& scope, const Json& watch, const Json& head,
                              std::string_view body);

    BlobExchange& blobs() { return services_.blobs; }

private:
    // What is installed under one id.
    struct Place {
        const manifest::Manifest* manifest = nullptr;
        std::shared_ptr<Keeper> keeper;  // nullptr: it may not run, `problem` says why
        std::string problem;             // with a keeper: why the update was not taken up
    };

    Place place(const PluginId& id);
    std::shared_ptr<Keeper> keeper(const PluginId& id);
    std::shared_ptr<Keeper> makeKeeper(const manifest::Manifest& manifest);
    void takeUp(const Registry::Installed& installed);
    void put(const PluginId& id, Place place);
    void end(const PluginId& id, const std::shared_ptr<Keeper>& keeper);
    void drain(std::shared_ptr<Instance> instance);
    void upkeep();
    void restartCrashed(std::unique_lock<std::mutex>& lock);
    void call(const PluginId& id, const CallScope& scope, const Instance::Function& function);
    // The JSON Lines that f(tables, call, sink) writes.
    template <class F>
    std::vector<Json> lines(const PluginId& id, const CallScope& scope, F&& f);

    Registry& registry_;
    wire::RunnerSource& runners_;
    const HostServices services_;
    const Instance::Options options_;
    std::mutex mutex_;
    Calls calls_;
    std::map<std::string, Place> places_;
    std::vector<std::shared_ptr<Instance>> draining_;  // their calls end, and then they do
    bool reloading_ = false;
    bool keep_running_ = false;
    bool ending_ = false;
    std::condition_variable changed_;  // of the four above
    std::thread upkeep_;               // runs upkeep()
};

}  // namespace portico::plugin
