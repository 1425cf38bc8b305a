// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/plugins.h"

#include <pthread.h>

#include <charconv>

#include "host/plugin/keeper.h"
#include "host/plugin/line_sink.h"
#include "host/plugin/schema.h"

namespace portico::plugin {
namespace {

using wire::asBytes;
using wire::asStr;

constexpr std::size_t kMaxResult = 4u << 20;

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
    : registry_(registry), runners_(runners), services_(services), options_(options) {}

Plugins::~Plugins() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ending_changed_.notify_all();
    if (restarter_.joinable()) restarter_.join();
    for (const auto& [id, keeper] : keepers_) keeper->reset();
}

void Plugins::keepRunning() {
    restarter_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "plugin-restart");
        restartCrashed();
    });
}

void Plugins::restartCrashed() {
    constexpr auto kLook = Millis(250), kStart = Millis(30'000);
    std::unique_lock lock(mutex_);
    while (!ending_changed_.wait_for(lock, kLook, [this] { return ending_; })) {
        std::vector<std::shared_ptr<Keeper>> due;
        for (const auto& [id, keeper] : keepers_)
            if (keeper->restartIn() == Millis(0)) due.push_back(keeper);
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
}

std::vector<PluginState> Plugins::list() {
    std::vector<PluginState> all;
    for (const Registry::Installed& installed : registry_.list()) {
        if (!installed.problem.empty()) {
            all.push_back({installed.manifest,
                           "refused",
                           installed.problem,
                           {.min_level = options_.min_level, .missing = {}},
                           {}});
            continue;
        }
        Keeper::State state = keeper(installed.manifest->id)->state();
        state.sandbox.min_level = options_.min_level;
        all.push_back({installed.manifest, state.state, state.problem, state.sandbox, state.health});
    }
    return all;
}

const manifest::Manifest& Plugins::manifest(const PluginId& id) { return *registry_.find(id).manifest; }

void Plugins::reload() {
    registry_.reload();
    std::vector<std::shared_ptr<Keeper>> changed;
    {
        const std::lock_guard lock(mutex_);
        const std::vector<Registry::Installed> now = registry_.list();
        for (auto at = keepers_.begin(); at != keepers_.end();) {
            const bool same = std::any_of(now.begin(), now.end(),
                                          [&](const auto& each) { return each.manifest == &at->second->manifest(); });
            if (!same) changed.push_back(at->second);
            at = same ? std::next(at) : keepers_.erase(at);
        }
    }
    for (const auto& keeper : changed) keeper->reset();
}

void Plugins::start(const PluginId& id) {
    const auto kept = keeper(id);
    if (kept->state().state != "running") kept->reset();
    kept->acquire(Deadline::in(options_.start_time));
}

void Plugins::stop(const PluginId& id) { keeper(id)->reset(); }

std::shared_ptr<Keeper> Plugins::keeper(const PluginId& id) {
    const Registry::Installed installed = registry_.find(id);
    if (!installed.problem.empty()) throw Error(Code::Denied, "plugin_refused", installed.problem);
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Keeper>& kept = keepers_[id.str()];
    if (!kept || &kept->manifest() != installed.manifest)
        kept = std::make_shared<Keeper>(
            *installed.manifest, services_.clock, [this, manifest = installed.manifest](Keeper::Died died) {
                return std::make_shared<Instance>(*manifest, services_, runners_, registry_.openLibrary(*manifest),
                                                  options_, std::move(died));
            });
    return kept;
}

void Plugins::call(const PluginId& id, const CallScope& scope, const Instance::Function& function) {
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
    kept->acquire(scope.deadline)->call(scope, revision, function);
}

template <class F>
std::vector<Json> Plugins::lines(const PluginId& id, const CallScope& scope, F&& f) {
    std::vector<Json> all;
    LineSink sink([&](Json line) { all.push_back(std::move(line)); });
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
