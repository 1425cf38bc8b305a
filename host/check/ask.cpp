// SPDX-License-Identifier: Apache-2.0
#include "host/check/ask.h"

namespace portico::check {
namespace {

struct Shape {
    std::string_view table, name;
    std::vector<std::string_view> arguments;
};

const Shape& shapeOf(Function function) {
    static const std::vector<Shape> kShapes = {
        {PORTICO_SYNC_1, "collections", {"the stream"}},
        {PORTICO_SYNC_1, "pull", {"the stream", "the collection", "the cursor"}},
        {PORTICO_SYNC_1, "prepare", {"the stream", "the collection", "the intents"}},
        {PORTICO_SYNC_1, "push", {"the stream", "the collection", "the changes"}},
        {PORTICO_SYNC_1, "read", {"the stream", "the collection", "the refs"}},
        {PORTICO_EVENT_1, "consume", {"the events"}},
        {PORTICO_ACTION_1, "invoke", {"the action's name", "the arguments"}},
        {PORTICO_AVAILABILITY_1, "busy", {"the collections", "the begin", "the end"}},
        {PORTICO_WEBHOOK_1, "watch", {"the request"}},
        {PORTICO_WEBHOOK_1, "unwatch", {"the watch"}},
        {PORTICO_WEBHOOK_1, "receive", {"the watch", "the head", "the body"}},
    };
    return kShapes[static_cast<std::size_t>(function)];
}

// Calls f(table, pointer to member) for the function.
template <class F>
auto withFunction(const wire::PluginTables& tables, Function function, F&& f) {
    const auto& sync = tables.get<wire::SyncTable>();
    const auto& webhook = tables.get<wire::WebhookTable>();
    switch (function) {
        case Function::Collections: return f(sync.collections);
        case Function::Pull: return f(sync.pull);
        case Function::Prepare: return f(sync.prepare);
        case Function::Push: return f(sync.push);
        case Function::Read: return f(sync.read);
        case Function::Consume: return f(tables.get<wire::EventTable>().consume);
        case Function::Invoke: return f(tables.get<wire::ActionTable>().invoke);
        case Function::Busy: return f(tables.get<wire::AvailabilityTable>().busy);
        case Function::Watch: return f(webhook.watch);
        case Function::Unwatch: return f(webhook.unwatch);
        case Function::Receive: break;
    }
    return f(webhook.receive);
}

struct Caller {
    portico_plugin* plugin;
    const portico_call* call;
    const std::vector<portico_str>& in;
    portico_sink out;

    // One argument after the other as the function's own types; the sink, if it has one, comes last.
    template <class... A>
    portico_status operator()(portico_status (*function)(portico_plugin*, const portico_call*, A...)) const {
        if (function == nullptr) return PORTICO_E_UNSUPPORTED;
        std::size_t next = 0;
        const std::tuple<A...> arguments{argument<A>(next)...};
        return std::apply([&](const A&... each) { return function(plugin, call, each...); }, arguments);
    }

private:
    template <class T>
    T argument(std::size_t& next) const {
        if constexpr (std::is_same_v<T, portico_sink>) {
            return out;
        } else {
            const portico_str& given = in.at(next++);
            return {given.data, given.size};
        }
    }
};

}  // namespace

std::string_view tableOf(Function function) { return shapeOf(function).table; }
std::string_view nameOf(Function function) { return shapeOf(function).name; }
std::string_view argumentName(Function function, std::size_t index) { return shapeOf(function).arguments.at(index); }
std::size_t argumentCount(Function function) { return shapeOf(function).arguments.size(); }

std::string describe(const Ask& ask) {
    const std::string first = ask.in.empty() ? "" : ask.in[0].substr(0, 60);
    if (ask.function == Function::Invoke) return "action " + first;
    if (tableOf(ask.function) == PORTICO_SYNC_1) return std::string(nameOf(ask.function)) + " of " + first;
    return std::string(nameOf(ask.function));
}

bool offered(const wire::PluginTables& tables, Function function) {
    return withFunction(tables, function, [](auto pointer) { return pointer != nullptr; });
}

portico_status perform(const wire::PluginTables& tables, portico_plugin* plugin, const portico_call* call,
                       Function function, const std::vector<portico_str>& in, portico_sink out) {
    return withFunction(tables, function, Caller{plugin, call, in, out});
}

}  // namespace portico::check
