// SPDX-License-Identifier: Apache-2.0
// Testing a plugin without a server: make a FakeHost, script the outside world, call the plugin, look at the lines.
// Calls go through the C tables like the real host's, so the fences and the registration are tested too.
// One thread at a time. Needs header-only nlohmann/json besides the standard library.
#pragma once

#include <initializer_list>

#include <portico/testing/host.hpp>

namespace portico::sdk::testing {

struct Result {
    portico_status status = PORTICO_OK;
    std::string text;           // what came out, also when the call failed half-way
    std::string code, message;  // how it failed
    std::int64_t retry_after_ms = 0;

    // Throws std::runtime_error with the plugin's words when the call failed.
    Json json() const {
        requireOk();
        return Json::parse(text);
    }
    std::vector<Json> lines() const {  // also those of a call that failed half-way
        std::vector<Json> all;
        eachLine(text, [&](std::string_view line) { all.push_back(Json::parse(line)); });
        return all;
    }
    void requireOk() const {
        if (status != PORTICO_OK)
            throw std::runtime_error("the call failed (" + std::to_string(status) + " " + code + "): " + message);
    }
};

inline std::string jsonLines(const std::vector<Json>& lines) {
    std::string text;
    for (const Json& line : lines) text += line.dump() + "\n";
    return text;
}

class PluginUnderTest {
public:
    std::uint64_t output_limit = UINT64_MAX;  // the sink refuses (Limit) once more bytes than this came

    explicit PluginUnderTest(FakeHost& host, const portico_entry* entry = portico_plugin_entry_1()) : entry_(entry) {
        FakeCall call;
        call.tenant.clear(), call.actor = "system", call.connection.clear();
        if (entry->create(host.raw(), call.raw(), &plugin_) != PORTICO_OK)
            throw std::runtime_error("create failed: " + call.message);
    }
    ~PluginUnderTest() { plugin_->destroy(plugin_); }
    // Whether the plugin agrees to be made by this host at all.
    static bool creates(FakeHost& host, const portico_entry* entry = portico_plugin_entry_1()) {
        FakeCall call;
        portico_plugin* made = nullptr;
        if (entry->create(host.raw(), call.raw(), &made) != PORTICO_OK) return false;
        made->destroy(made);
        return true;
    }
    PluginUnderTest(const PluginUnderTest&) = delete;
    PluginUnderTest& operator=(const PluginUnderTest&) = delete;

    std::string id() const { return std::string(view(entry_->id)); }
    std::string version() const { return std::string(view(entry_->version)); }
    bool offers(std::string_view extension) { return plugin_->extension(plugin_, span(extension)) != nullptr; }

    Result start(FakeCall& call, const Json& config = Json::object()) {
        const std::string text = config.dump();
        return finish(call, plugin_->start(plugin_, call.raw(), span(text)));
    }
    Result stop(FakeCall& call) { return finish(call, plugin_->stop(plugin_, call.raw())); }

    Result collections(FakeCall& call, std::string_view stream) {
        return run(call, table<portico_sync_1>(PORTICO_SYNC_1)->collections, span(stream));
    }
    Result pull(FakeCall& call, std::string_view stream, std::string_view collection, std::string_view cursor = {}) {
        return run(call, table<portico_sync_1>(PORTICO_SYNC_1)->pull, span(stream), span(collection), span(cursor));
    }
    Result prepare(FakeCall& call, std::string_view stream, std::string_view collection,
                   const std::vector<Json>& lines) {
        return exchange(call, &portico_sync_1::prepare, stream, collection, lines);
    }
    Result push(FakeCall& call, std::string_view stream, std::string_view collection, const std::vector<Json>& lines) {
        return exchange(call, &portico_sync_1::push, stream, collection, lines);
    }
    Result read(FakeCall& call, std::string_view stream, std::string_view collection, const std::vector<Json>& lines) {
        return exchange(call, &portico_sync_1::read, stream, collection, lines);
    }
    Result consume(FakeCall& call, const std::vector<Json>& events) {
        const std::string text = jsonLines(events);
        return run(call, table<portico_event_1>(PORTICO_EVENT_1)->consume, bytes(text));
    }
    Result invoke(FakeCall& call, std::string_view action, const Json& args = Json::object()) {
        const std::string text = args.dump();
        return run(call, table<portico_action_1>(PORTICO_ACTION_1)->invoke, span(action), span(text));
    }
    Result busy(FakeCall& call, const Json& collections, std::string_view from, std::string_view to) {
        const std::string ids = collections.dump();
        return run(call, table<portico_availability_1>(PORTICO_AVAILABILITY_1)->busy, span(ids), span(from), span(to));
    }
    Result watch(FakeCall& call, const Json& request) {
        const std::string text = request.dump();
        return run(call, table<portico_webhook_1>(PORTICO_WEBHOOK_1)->watch, span(text));
    }
    Result unwatch(FakeCall& call, const Json& watch) {
        const std::string text = watch.dump();
        return finish(call, table<portico_webhook_1>(PORTICO_WEBHOOK_1)->unwatch(plugin_, call.raw(), span(text)));
    }
    Result receive(FakeCall& call, const Json& watch, const Json& head, std::string_view body) {
        const std::string watched = watch.dump(), top = head.dump();
        return run(call, table<portico_webhook_1>(PORTICO_WEBHOOK_1)->receive, span(watched), span(top), bytes(body));
    }

private:
    template <class Table>
    const Table* table(std::string_view id) {
        const void* found = plugin_->extension(plugin_, span(id));
        if (!found) throw std::runtime_error("the plugin does not offer " + std::string(id));
        return static_cast<const Table*>(found);
    }
    template <class Function>
    Result exchange(FakeCall& call, Function portico_sync_1::*function, std::string_view stream,
                    std::string_view collection, const std::vector<Json>& lines) {
        const std::string text = jsonLines(lines);
        return run(call, table<portico_sync_1>(PORTICO_SYNC_1)->*function, span(stream), span(collection), bytes(text));
    }

    static Result finish(FakeCall& call, portico_status status, std::string text = {}) {
        return {status, std::move(text), call.code, call.message, call.retry_after_ms};
    }

    struct Limited {
        std::string text;
        std::uint64_t left;
    };
    template <class Function, class... Args>
    Result run(FakeCall& call, Function function, Args... args) {
        Limited out{{}, output_limit};
        const portico_sink sink{&out, [](void* self, portico_bytes chunk) -> portico_status {
                                    auto& limited = *static_cast<Limited*>(self);
                                    if (chunk.size > limited.left) return PORTICO_E_LIMIT;
                                    limited.left -= chunk.size;
                                    limited.text += view(chunk);
                                    return PORTICO_OK;
                                }};
        const portico_status status = function(plugin_, call.raw(), args..., sink);
        return finish(call, status, std::move(out.text));
    }

    const portico_entry* entry_;
    portico_plugin* plugin_ = nullptr;
};

}  // namespace portico::sdk::testing
