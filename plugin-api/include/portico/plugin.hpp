// SPDX-License-Identifier: Apache-2.0
// The C++20 way to write a Portico plugin: derive from Plugin, register handlers in the constructor, end the file with
// PORTICO_PLUGIN. What is not registered is not exposed. Handlers may throw anything; nothing crosses the border but a
// status and words. Header-only and no part of the ABI: it may improve freely, built plugins keep what they had.
//
// Threads: construct, onStart, onStop and destroy never overlap anything; all other handlers may run at once on several
// threads (manifest "concurrency"), so members that change need a lock, and none may hold a tenant's data.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include <portico/plugin/core.hpp>
#include <portico/plugin/host.hpp>
#include <portico/plugin/text.hpp>

namespace portico::sdk {

class Plugin {
public:
    explicit Plugin(Host host) : host_(host) {}
    virtual ~Plugin() = default;
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    const Host& host() const { return host_; }
    portico_plugin* raw() { return &raw_; }

protected:
    using Text = std::string_view;
    using Setup = std::function<void(const Call&, Text config)>;
    using ListCollections = std::function<void(const Call&, Output& lines)>;
    using Pull = std::function<void(const Call&, Text collection, Text cursor, Output& changes)>;
    using Exchange = std::function<void(const Call&, Text collection, Text lines, Output& answers)>;
    using Consume = std::function<std::uint64_t(const Call&, Text events)>;  // the seq up to which all is kept
    using Action = std::function<std::string(const Call&, Text args)>;       // result: JSON
    using Busy = std::function<void(const Call&, Text collections, Text from, Text to, Output& lines)>;
    using Watch = std::function<std::string(const Call&, Text request)>;
    using Unwatch = std::function<void(const Call&, Text watch)>;
    using Receive = std::function<void(const Call&, Text watch, Text head, Text body, Output& pulls)>;

    void onStart(Setup handler) { start_ = std::move(handler); }
    void onStop(Setup handler) { stop_ = std::move(handler); }  // config is empty
    void onCollections(std::string stream, ListCollections handler) {
        streams_[std::move(stream)].collections = std::move(handler);
    }
    void onPull(std::string stream, Pull handler) { streams_[std::move(stream)].pull = std::move(handler); }
    void onPrepare(std::string stream, Exchange handler) { streams_[std::move(stream)].prepare = std::move(handler); }
    void onPush(std::string stream, Exchange handler) { streams_[std::move(stream)].push = std::move(handler); }
    void onRead(std::string stream, Exchange handler) { streams_[std::move(stream)].read = std::move(handler); }
    void onConsume(Consume handler) { consume_ = std::move(handler); }
    void onAction(std::string name, Action handler) { actions_[std::move(name)] = std::move(handler); }
    void onBusy(Busy handler) { busy_ = std::move(handler); }
    void onWatch(Watch handler) { watch_ = std::move(handler); }
    void onUnwatch(Unwatch handler) { unwatch_ = std::move(handler); }
    void onReceive(Receive handler) { receive_ = std::move(handler); }

private:
    struct Stream {
        ListCollections collections;
        Pull pull;
        Exchange prepare, push, read;
    };

    static Plugin& of(portico_plugin* raw) { return *static_cast<Plugin*>(raw->self); }

    [[noreturn]] static void missing(std::string_view what, std::string_view name) {
        throw PluginError(PORTICO_E_UNSUPPORTED, "not_registered",
                          "this plugin has no " + std::string(what) + " '" + std::string(name) + "'");
    }
    template <class Handler>
    static const Handler& present(const Handler& handler, std::string_view what, std::string_view name = {}) {
        if (!handler) missing(what, name);
        return handler;
    }
    template <class Handler>
    static const Handler& ofStream(portico_plugin* raw, portico_str stream, Handler Stream::*member, const char* what) {
        const auto& streams = of(raw).streams_;
        const auto found = streams.find(view(stream));
        if (found == streams.end()) missing("stream", view(stream));
        return present(found->second.*member, what, view(stream));
    }

    static portico_status startC(portico_plugin* raw, const portico_call* call, portico_str config) {
        return fenced(call, [&] {
            if (of(raw).start_) of(raw).start_(Call(call), view(config));
        });
    }
    static portico_status stopC(portico_plugin* raw, const portico_call* call) {
        return fenced(call, [&] {
            if (of(raw).stop_) of(raw).stop_(Call(call), {});
        });
    }
    static void destroyC(portico_plugin* raw) { delete static_cast<Plugin*>(raw->self); }

    static portico_status collectionsC(portico_plugin* raw, const portico_call* call, portico_str stream,
                                       portico_sink lines) {
        return fenced(call, [&] {
            Output output(lines);
            ofStream(raw, stream, &Stream::collections, "collections of")(Call(call), output);
        });
    }
    static portico_status pullC(portico_plugin* raw, const portico_call* call, portico_str stream,
                                portico_str collection, portico_str cursor, portico_sink changes) {
        return fenced(call, [&] {
            Output output(changes);
            ofStream(raw, stream, &Stream::pull, "pull of")(Call(call), view(collection), view(cursor), output);
        });
    }
    template <Exchange Stream::*member>
    static portico_status exchangeC(portico_plugin* raw, const portico_call* call, portico_str stream,
                                    portico_str collection, portico_bytes lines, portico_sink answers) {
        return fenced(call, [&] {
            Output output(answers);
            ofStream(raw, stream, member, "such exchange for")(Call(call), view(collection), view(lines), output);
        });
    }
    static portico_status consumeC(portico_plugin* raw, const portico_call* call, portico_bytes events,
                                   portico_sink acked) {
        return fenced(call, [&] { Output(acked).write(std::to_string(of(raw).consume_(Call(call), view(events)))); });
    }
    static portico_status invokeC(portico_plugin* raw, const portico_call* call, portico_str name, portico_str args,
                                  portico_sink result) {
        return fenced(call, [&] {
            const auto found = of(raw).actions_.find(view(name));
            if (found == of(raw).actions_.end()) missing("action", view(name));
            Output(result).write(found->second(Call(call), view(args)));
        });
    }
    static portico_status busyC(portico_plugin* raw, const portico_call* call, portico_str collections,
                                portico_str from, portico_str to, portico_sink lines) {
        return fenced(call, [&] {
            Output output(lines);
            of(raw).busy_(Call(call), view(collections), view(from), view(to), output);
        });
    }
    static portico_status watchC(portico_plugin* raw, const portico_call* call, portico_str request,
                                 portico_sink watch) {
        return fenced(call, [&] { Output(watch).write(present(of(raw).watch_, "watch")(Call(call), view(request))); });
    }
    static portico_status unwatchC(portico_plugin* raw, const portico_call* call, portico_str watch) {
        return fenced(call, [&] { present(of(raw).unwatch_, "unwatch")(Call(call), view(watch)); });
    }
    static portico_status receiveC(portico_plugin* raw, const portico_call* call, portico_str watch, portico_str head,
                                   portico_bytes body, portico_sink pulls) {
        return fenced(call, [&] {
            Output output(pulls);
            present(of(raw).receive_, "receive")(Call(call), view(watch), view(head), view(body), output);
        });
    }

    static const void* extensionC(portico_plugin* raw, portico_str id) {
        static constexpr portico_sync_1 kSync{sizeof kSync,
                                              0,
                                              collectionsC,
                                              pullC,
                                              exchangeC<&Stream::prepare>,
                                              exchangeC<&Stream::push>,
                                              exchangeC<&Stream::read>};
        static constexpr portico_event_1 kEvent{sizeof kEvent, 0, consumeC};
        static constexpr portico_action_1 kAction{sizeof kAction, 0, invokeC};
        static constexpr portico_availability_1 kAvailability{sizeof kAvailability, 0, busyC};
        static constexpr portico_webhook_1 kWebhook{sizeof kWebhook, 0, watchC, unwatchC, receiveC};
        const Plugin& plugin = of(raw);
        const std::string_view wanted = view(id);
        if (wanted == PORTICO_SYNC_1 && !plugin.streams_.empty()) return &kSync;
        if (wanted == PORTICO_EVENT_1 && plugin.consume_) return &kEvent;
        if (wanted == PORTICO_ACTION_1 && !plugin.actions_.empty()) return &kAction;
        if (wanted == PORTICO_AVAILABILITY_1 && plugin.busy_) return &kAvailability;
        if (wanted == PORTICO_WEBHOOK_1 && plugin.receive_) return &kWebhook;
        return nullptr;
    }

    Host host_;
    Setup start_, stop_;
    std::map<std::string, Stream, std::less<>> streams_;
    std::map<std::string, Action, std::less<>> actions_;
    Consume consume_;
    Busy busy_;
    Watch watch_;
    Unwatch unwatch_;
    Receive receive_;
    portico_plugin raw_{sizeof(portico_plugin), 0, this, startC, stopC, destroyC, extensionC};
};

// The body of portico_entry.create for a class constructible from Host.
template <class T>
portico_status createPlugin(const portico_host* host, const portico_call* call, portico_plugin** out) noexcept {
    *out = nullptr;
    return fenced(call, [&] { *out = std::make_unique<T>(Host(host)).release()->raw(); });
}

}  // namespace portico::sdk

// Once per plugin, at namespace scope: the class, and the id and version of its manifest.
#define PORTICO_PLUGIN(Class, plugin_id, plugin_version) PORTICO_PLUGIN_NEEDS(Class, plugin_id, plugin_version, 0)

// The same for a plugin that is of no use without the functions of the ABI's minor `minor_needed`: an older host
// refuses it, in words, instead of loading it.
#define PORTICO_PLUGIN_NEEDS(Class, plugin_id, plugin_version, minor_needed)                \
    extern "C" PORTICO_EXPORT const portico_entry* portico_plugin_entry_1(void) {           \
        static constexpr portico_entry kEntry{sizeof kEntry,                                \
                                              PORTICO_ABI_MINOR,                            \
                                              minor_needed,                                 \
                                              {plugin_id, sizeof(plugin_id) - 1},           \
                                              {plugin_version, sizeof(plugin_version) - 1}, \
                                              portico::sdk::createPlugin<Class>};           \
        return &kEntry;                                                                     \
    }
