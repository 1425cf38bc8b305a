// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/plugins.h"

#include <pthread.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "host/credential/vault.h"
#include "host/plugin/keeper.h"
#include "host/plugin/line_sink.h"
#include "host/plugin/schema.h"

namespace portico::plugin {
namespace {

using wire::asBytes;
using wire::asStr;

constexpr std::size_t kMaxResult = 4u << 20;
constexpr std::size_t kMaxList = 16u << 20;  // lines that are kept in memory; a pull's are handed on one by one

portico_sink into(std::string& text) {
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                auto* all = static_cast<std::string*>(self);
                if (all->size() + chunk.size > kMaxResult) return PORTICO_E_LIMIT;
                all->append(wire::view(chunk));
                return PORTICO_OK;
            }};
}

std::string toLines(const std::vector<Json>& values) {
    std::string text;
    for (const Json& value : values) text += value.dump() + "\n";
    return text;
}

// A table function, or Unsupported: the manifest did not promise it, or the plugin's table ends before it.
template <class Function>
Function has(Function function, const char* what) {
    if (function == nullptr)
        throw Error(Code::Unsupported, "plugin_unsupported", std::string("the plugin does not offer ") + what);
    return function;
}

Json parsed(const std::string& text, const PluginId& id) {
    try {
        return Json::parse(text, kMaxResult);
    } catch (const Error& error) {
        throw Error(Code::Invalid, "plugin_output", "the result of " + id.str() + " is not JSON: " + error.what());
    }
}

}  // namespace

Plugins::Plugins(Registry& registry, wire::RunnerSource& runners, HostServices services, Instance::Options options)
    : registry_(registry), runners_(runners), services_(services), options_(options) {
    for (const Registry::Installed& installed : registry_.list())
        places_.emplace(installed.manifest->id.str(),
                        Place{installed.manifest, installed.problem.empty() ? makeKeeper(*installed.manifest) : nullptr,
                              installed.problem});
    upkeep_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "plugin-upkeep");
        upkeep();
    });
}

Plugins::~Plugins() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    upkeep_.join();
    for (const auto& [id, place] : places_)
        if (place.keeper) place.keeper->retire();
}

void Plugins::keepRunning() {
    const std::lock_guard lock(mutex_);
    keep_running_ = true;
}

void Plugins::upkeep() {
    constexpr auto kLook = Millis(250), kLookWhileDraining = Millis(20);
    std::unique_lock lock(mutex_);
    while (!ending_) {
        changed_.wait_for(lock, draining_.empty() ? kLook : kLookWhileDraining);
        // Nobody else can take a share in an instance here, so the last one left is ours.
        const auto busy = std::partition(draining_.begin(), draining_.end(),
                                         [](const auto& instance) { return instance.use_count() > 1; });
        std::vector<std::shared_ptr<Instance>> idle(std::make_move_iterator(busy),
                                                    std::make_move_iterator(draining_.end()));
        draining_.erase(busy, draining_.end());
        if (!idle.empty()) {
            lock.unlock();
            idle.clear();  // waits for their stop()
            lock.lock();
        }
        if (keep_running_ && !ending_) restartCrashed(lock);
    }
    const std::vector<std::shared_ptr<Instance>> rest = std::move(draining_);
    lock.unlock();
}

void Plugins::restartCrashed(std::unique_lock<std::mutex>& lock) {
    constexpr auto kStart = Millis(30'000);
    std::vector<std::shared_ptr<Keeper>> due;
    for (const auto& [id, place] : places_)
        if (place.keeper && place.keeper->restartIn() == Millis(0)) due.push_back(place.keeper);
    lock.unlock();
    for (const auto& keeper : due) {
        try {
            keeper->acquire(Deadline::in(kStart));
        } catch (const Error&) {
            // The keeper logged it and has counted it: the next pause is longer.
        }
    }
    due.clear();
    lock.lock();
}

const SelfTest& Plugins::testSandbox(std::string_view probe, const std::vector<std::string>& closed) {
    return self_test_ = plugin::testSandbox(runners_, services_, probe, closed, options_);
}

std::vector<PluginState> Plugins::list() {
    std::vector<Place> places;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, place] : places_) places.push_back(place);
    }
    std::vector<PluginState> all;
    for (const Place& place : places) {
        if (!place.keeper) {
            all.push_back(
                {place.manifest, "refused", place.problem, {.min_level = options_.min_level, .missing = {}}, {}});
            continue;
        }
        Keeper::State state = place.keeper->state();
        if (state.sandbox.level == 0) state.sandbox = self_test_.sandbox;
        state.sandbox.min_level = options_.min_level;
        if (!place.problem.empty()) state.problem += (state.problem.empty() ? "" : "; ") + place.problem;
        all.push_back({place.manifest, state.state, state.problem, state.sandbox, state.health});
    }
    return all;
}

const manifest::Manifest& Plugins::manifest(const PluginId& id) { return *place(id).manifest; }

void Plugins::reload() {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !reloading_; });
        reloading_ = true;
    }
    struct Turn {
        Plugins& self;
        ~Turn() {
            {
                const std::lock_guard lock(self.mutex_);
                self.reloading_ = false;
            }
            self.changed_.notify_all();
        }
    } turn{*this};

    registry_.reload();
    services_.vault.reloadPlugins();  // before anything new runs; what a rule no longer allows ends here
    std::set<std::string> now;
    for (const Registry::Installed& installed : registry_.list()) {
        now.insert(installed.manifest->id.str());
        takeUp(installed);
    }
    std::vector<Place> gone;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = places_.begin(); at != places_.end();) {
            const bool stays = now.contains(at->first);
            if (!stays) gone.push_back(at->second);
            at = stays ? std::next(at) : places_.erase(at);
        }
    }
    for (const Place& place : gone) end(place.manifest->id, place.keeper);
}

// One installed plugin as it is in the folder now, against what serves under its id.
void Plugins::takeUp(const Registry::Installed& installed) {
    const PluginId& id = installed.manifest->id;
    Place before;
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = places_.find(id.str()); at != places_.end()) before = at->second;
    }
    if (!installed.problem.empty()) {
        put(id, {installed.manifest, nullptr, installed.problem});
        end(id, before.keeper);  // what may not run does not finish either
        return;
    }
    if (before.keeper && before.manifest == installed.manifest) {
        put(id, {before.manifest, before.keeper, ""});
        return;
    }
    const auto fresh = makeKeeper(*installed.manifest);
    try {
        fresh->acquire(Deadline::in(options_.start_time));
    } catch (const Error& error) {
        if (before.keeper && before.keeper->inService()) {
            put(id, {before.manifest, before.keeper,
                     "version " + installed.manifest->version + " does not start, so " + before.manifest->version +
                         " goes on: " + error.what()});
            return;
        }
    }
    put(id, {installed.manifest, fresh, ""});
    if (before.keeper) drain(before.keeper->retire());
}

void Plugins::put(const PluginId& id, Place place) {
    const std::lock_guard lock(mutex_);
    places_[id.str()] = std::move(place);
}

void Plugins::end(const PluginId& id, const std::shared_ptr<Keeper>& keeper) {
    if (keeper) drain(keeper->retire());
    calls_.end(EndedBy::Operator, [&](const PluginId& plugin, const CallScope&) { return plugin == id; });
}

void Plugins::drain(std::shared_ptr<Instance> instance) {
    if (!instance) return;
    {
        const std::lock_guard lock(mutex_);
        draining_.push_back(std::move(instance));
    }
    changed_.notify_all();
}

void Plugins::start(const PluginId& id) {
    const auto kept = keeper(id);
    if (kept->state().state != "running") drain(kept->release());
    kept->acquire(Deadline::in(options_.start_time));
}

void Plugins::stop(const PluginId& id) {
    drain(keeper(id)->release());
    calls_.end(EndedBy::Operator, [&](const PluginId& plugin, const CallScope&) { return plugin == id; });
}

void Plugins::disabled(const TenantId& tenant, const PluginId& id) {
    calls_.end(EndedBy::Disabled,
               [&](const PluginId& plugin, const CallScope& scope) { return plugin == id && scope.tenant == tenant; });
    services_.vault.endLeases(tenant, id);  // the vault need not believe that they ended
}

void Plugins::disconnected(const TenantId& tenant, const ConnectionId& connection) {
    calls_.end(EndedBy::Disconnected, [&](const PluginId&, const CallScope& scope) {
        return scope.connection == connection && scope.tenant == tenant;
    });
}

Plugins::Place Plugins::place(const PluginId& id) {
    const std::lock_guard lock(mutex_);
    const auto at = places_.find(id.str());
    if (at == places_.end())
        throw Error(Code::NotFound, "no_plugin", "there is no plugin '" + id.str().substr(0, 64) + "' installed");
    return at->second;
}

std::shared_ptr<Keeper> Plugins::keeper(const PluginId& id) {
    const Place found = place(id);
    if (!found.keeper) throw Error(Code::Denied, "plugin_refused", found.problem);
    return found.keeper;
}

// The library is read once and kept, so that a version whose successor did not start can still be started again.
std::shared_ptr<Keeper> Plugins::makeKeeper(const manifest::Manifest& manifest) {
    return std::make_shared<Keeper>(
        manifest, services_.clock,
        [this, &manifest, library = std::make_shared<Fd>()](Instance::Observer observer) {
            if (!self_test_.problem.empty()) throw Error(Code::Denied, "sandbox_open", self_test_.problem);
            if (!*library) *library = registry_.openLibrary(manifest);
            return std::make_shared<Instance>(manifest, services_, runners_, *library, options_, std::move(observer));
        },
        options_.calls.value_or(CallGate::Limits::of(manifest.limits)));
}

void Plugins::call(const PluginId& id, const CallScope& scope, const Instance::Function& function) {
    RunningCall running(calls_, id, scope);  // before the tenant's will is read, so that no change of it is missed
    for (;;) {
        const auto kept = keeper(id);
        const auto [allowed, revision] = services_.database.read(scope.tenant, [&](storage::Tx& tx) {
            return std::pair(enablement(tx, kept->manifest()), settings(tx, kept->manifest()).revision);
        });
        if (!allowed.enabled)
            throw Error(Code::Denied, "plugin_disabled",
                        "the plugin " + kept->manifest().name + " is not enabled for this business");
        if (!allowed.usable())
            throw Error(Code::Denied, "plugin_consent",
                        "the plugin " + kept->manifest().name + " was updated and asks for more (" +
                            allowed.unconsented.front().text + "); an admin must agree first");
        const auto pass = kept->gate().enter(scope.tenant, services_.clock.now());
        const auto instance = kept->acquire(running.deadline());
        if (!instance) continue;  // an update took its place meanwhile
        try {
            instance->call(scope, &running, revision, function);
            return;
        } catch (const Error& error) {
            if (error.reason() == "plugin_ended") throw;
            if (const auto ended = running.reason()) throw *ended;
            throw;
        }
    }
}

template <class F>
std::vector<Json> Plugins::lines(const PluginId& id, const CallScope& scope, F&& f) {
    std::vector<Json> all;
    LineSink sink([&](Json line) { all.push_back(std::move(line)); }, kMaxList);
    try {
        call(id, scope,
             [&](const wire::PluginTables& tables, const portico_call* abi) { return f(tables, abi, sink.sink()); });
    } catch (const Error&) {
        if (sink.failed()) sink.finish();  // the cause, not its effect
        throw;
    }
    sink.finish();
    return all;
}

std::vector<Json> Plugins::collections(const PluginId& id, const CallScope& scope, const std::string& stream) {
    return lines(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi, portico_sink out) {
        return has(tables.get<wire::SyncTable>().collections, "collections")(nullptr, abi, asStr(stream), out);
    });
}

void Plugins::pull(const PluginId& id, const CallScope& scope, const std::string& stream, const std::string& collection,
                   const std::string& cursor, const std::function<void(const Json& line)>& line) {
    LineSink sink([&](Json each) { line(each); });
    try {
        call(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi) {
            return has(tables.get<wire::SyncTable>().pull, "pull")(nullptr, abi, asStr(stream), asStr(collection),
                                                                   asStr(cursor), sink.sink());
        });
    } catch (const Error&) {
        if (sink.failed()) sink.finish();
        throw;
    }
    sink.finish();
}

std::vector<Json> Plugins::prepare(const PluginId& id, const CallScope& scope, const std::string& stream,
                                   const std::string& collection, const std::vector<Json>& intents) {
    const std::string text = toLines(intents);
    return lines(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi, portico_sink out) {
        return has(tables.get<wire::SyncTable>().prepare, "prepare")(nullptr, abi, asStr(stream), asStr(collection),
                                                                     asBytes(text), out);
    });
}

std::vector<Json> Plugins::push(const PluginId& id, const CallScope& scope, const std::string& stream,
                                const std::string& collection, const std::vector<Json>& changes) {
    const std::string text = toLines(changes);
    return lines(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi, portico_sink out) {
        return has(tables.get<wire::SyncTable>().push, "push")(nullptr, abi, asStr(stream), asStr(collection),
                                                               asBytes(text), out);
    });
}

std::vector<Json> Plugins::read(const PluginId& id, const CallScope& scope, const std::string& stream,
                                const std::string& collection, const std::vector<Json>& refs) {
    const std::string text = toLines(refs);
    return lines(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi, portico_sink out) {
        return has(tables.get<wire::SyncTable>().read, "read")(nullptr, abi, asStr(stream), asStr(collection),
                                                               asBytes(text), out);
    });
}

std::int64_t Plugins::consume(const PluginId& id, const CallScope& scope, const std::vector<Json>& events) {
    const std::string text = toLines(events);
    std::string acked;
    call(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi) {
        return has(tables.get<wire::EventTable>().consume, "events")(nullptr, abi, asBytes(text), into(acked));
    });
    std::int64_t sequence = -1;
    const auto [end, error] = std::from_chars(acked.data(), acked.data() + acked.size(), sequence);
    if (error != std::errc() || end != acked.data() + acked.size() || sequence < 0)
        throw Error(Code::Invalid, "plugin_output",
                    "the plugin " + id.str() + " acknowledged events with something that is no number");
    return sequence;
}

Json Plugins::invoke(const PluginId& id, const CallScope& scope, const std::string& action, const Json& arguments) {
    const manifest::Action* declared = manifest(id).action(action);
    if (declared == nullptr)
        throw Error(Code::NotFound, "no_action",
                    "the plugin " + id.str() + " has no action '" + action.substr(0, 64) + "'");
    checkAgainst(declared->args, arguments, action);
    const std::string text = arguments.dump();
    std::string result;
    call(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi) {
        return has(tables.get<wire::ActionTable>().invoke, "actions")(nullptr, abi, asStr(action), asStr(text),
                                                                      into(result));
    });
    return result.empty() ? Json::object() : parsed(result, id);
}

std::vector<Json> Plugins::busy(const PluginId& id, const CallScope& scope, const Json& collections,
                                const std::string& from, const std::string& to) {
    const std::string text = collections.dump();
    return lines(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi, portico_sink out) {
        return has(tables.get<wire::AvailabilityTable>().busy, "availability")(nullptr, abi, asStr(text), asStr(from),
                                                                               asStr(to), out);
    });
}

Json Plugins::watch(const PluginId& id, const CallScope& scope, const Json& request) {
    const std::string text = request.dump();
    std::string watch;
    call(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi) {
        return has(tables.get<wire::WebhookTable>().watch, "watching")(nullptr, abi, asStr(text), into(watch));
    });
    return parsed(watch, id);
}

void Plugins::unwatch(const PluginId& id, const CallScope& scope, const Json& watch) {
    const std::string text = watch.dump();
    call(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi) {
        return has(tables.get<wire::WebhookTable>().unwatch, "watching")(nullptr, abi, asStr(text));
    });
}

std::vector<Json> Plugins::receive(const PluginId& id, const CallScope& scope, const Json& watch, const Json& head,
                                   std::string_view body) {
    const std::string watch_text = watch.dump(), head_text = head.dump();
    return lines(id, scope, [&](const wire::PluginTables& tables, const portico_call* abi, portico_sink out) {
        return has(tables.get<wire::WebhookTable>().receive, "notifications")(nullptr, abi, asStr(watch_text),
                                                                              asStr(head_text), asBytes(body), out);
    });
}

}  // namespace portico::plugin
