// SPDX-License-Identifier: Apache-2.0
// A plugin that offers all five tables over the bare C ABI and does nothing wrong. Each bad plugin beside this file is
// this one with a single fault: it defines one of the points below before it includes this. good.cpp defines none.
#pragma once

#include <portico/abi.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string_view view(portico_str text) { return {text.data, text.size}; }
std::string_view view(portico_bytes bytes) { return {static_cast<const char*>(bytes.data), bytes.size}; }
portico_str str(std::string_view text) { return {text.data(), text.size()}; }

struct Instance;
Instance& of(portico_plugin* plugin);
portico_status put(portico_sink sink, std::string_view text) {
    return sink.write(sink.self, {text.data(), text.size()});
}
portico_status refuse(const portico_call* call, portico_status status, std::string_view code, std::string_view text) {
    call->fail(call, str(code), str(text), 0);
    return status;
}

}  // namespace

#ifndef PLUGIN_ID
#define PLUGIN_ID PLUGIN_NAME
#endif
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.0.0"
#endif
#ifndef ON_LOAD  // statements of a constructor function
#define ON_LOAD
#endif
#ifndef ON_CREATE  // (host, call)
#define ON_CREATE(host, call)
#endif
#ifndef ON_START  // (plugin, call)
#define ON_START(plugin, call)
#endif
#ifndef ON_DESTROY  // (plugin)
#define ON_DESTROY(plugin)
#endif
#ifndef ON_ACTION  // (instance, call, args, result): before an action's own work
#define ON_ACTION(instance, call, args, result)
#endif
#ifndef ON_ASKED  // (instance, id): before extension answers
#define ON_ASKED(instance, id)
#endif
#ifndef IS_TABLE  // (id, name): how extension compares
#define IS_TABLE(id, name) (view(id) == (name))
#endif
#ifndef HOST_IS_FINE  // (host)
#define HOST_IS_FINE(host) ((host)->struct_size >= offsetof(portico_host, log))
#endif
#ifndef FAILURE_WORDS  // (call, status, code, text): how an ordinary failure is told
#define FAILURE_WORDS(call, status, code, text) refuse(call, status, code, text)
#endif
#ifndef LAST_LINES_OF_PULL
#define LAST_LINES_OF_PULL "{\"op\":\"done\",\"full\":false,\"cursor\":\"next\"}\n"
#endif
#ifndef BUSY_BY_ERROR  // what a calendar is when the service fails
#define BUSY_BY_ERROR "\"unknown\":\"the service failed\""
#endif
#ifndef MORE_FETCHES  // statements when the service said 429
#define MORE_FETCHES(call)
#endif
#ifndef ACKNOWLEDGED  // (last): what consume says
#define ACKNOWLEDGED(last) std::to_string(last)
#endif
#ifndef CHECK_OUTPUT  // (status): what becomes of a sink's answer
#define CHECK_OUTPUT(status) (status)
#endif
#ifndef ACTION_TABLE_SIZE
#define ACTION_TABLE_SIZE sizeof(portico_action_1)
#endif
#ifndef NEW_INSTANCE
#define NEW_INSTANCE new Instance
#define DELETE_INSTANCE(instance) delete (instance)
#endif
#ifndef KNOWS_ACTION
#define KNOWS_ACTION(name) (view(name) == "echo" || view(name) == "remember")
#endif
#ifndef TABLES_DECLARED
#define TABLES_DECLARED(name) true
#endif

namespace {

struct Instance {
    portico_plugin plugin{};
    const portico_host* host = nullptr;
    const portico_http_1* http = nullptr;
    const portico_store_1* store = nullptr;
    std::string kept;
};

Instance& of(portico_plugin* plugin) { return *static_cast<Instance*>(plugin->self); }

struct Collected {
    std::string text;
    portico_sink sink() {
        return {this, [](void* self, portico_bytes chunk) -> portico_status {
                    auto* into = static_cast<Collected*>(self);
#ifdef FIRST_CHUNK_ONLY
                    if (into->text.empty()) into->text.assign(view(chunk));
#else
                    into->text.append(view(chunk));
#endif
                    return PORTICO_OK;
                }};
    }
};

// The host's reason, handed on.
portico_status passOn(const portico_call* call, portico_status status) {
    const portico_failure why = call->why(call);
    const std::string code(view(why.code)), text(view(why.message));
    call->fail(call, str(code.empty() ? "host" : code), str(text.empty() ? "the host failed" : text),
               why.retry_after_ms);
    return status;
}

// The status of GET https://api.example.org/items; 0 and `failed` when there was no answer.
int fetch(Instance& self, const portico_call* call, portico_status& failed) {
    if (self.http == nullptr) {
        failed = refuse(call, PORTICO_E_UNSUPPORTED, "no_http", "this host offers no portico.http/1");
        return 0;
    }
    Collected head, content;
    failed = self.http->fetch(self.host, call, str("{\"method\":\"GET\",\"url\":\"https://api.example.org/items\"}"),
                              {}, head.sink(), content.sink());
    if (failed != PORTICO_OK) {
        passOn(call, failed);
        return 0;
    }
    const std::size_t at = head.text.find("\"status\":");
    const int status = at == std::string::npos ? 0 : std::atoi(head.text.c_str() + at + 9);
    if (status == 200) return content.text.starts_with("{}") ? 200 : -1;
    failed = PORTICO_E_UNAVAILABLE;
    std::int64_t wait = 0;
    if (const std::size_t after = head.text.find("\"Retry-After\":\""); after != std::string::npos)
        wait = std::atoll(head.text.c_str() + after + 15) * 1000;
    if (wait < 0 || wait > 86'400'000) wait = 60'000;
    if (status == 429) {
        MORE_FETCHES(call)
    }
    call->fail(call, str("service"), str("the service answered " + std::to_string(status)), wait);
    return status;
}

portico_status collections(portico_plugin*, const portico_call* call, portico_str stream, portico_sink lines) {
    if (view(stream) != "items") return refuse(call, PORTICO_E_NOT_FOUND, "no_stream", "there is no such stream");
    return put(lines, "{\"id\":\"c1\",\"name\":\"Items\",\"writable\":true}\n");
}
portico_status pull(portico_plugin* plugin, const portico_call* call, portico_str stream, portico_str, portico_str,
                    portico_sink changes) {
    if (view(stream) != "items") return refuse(call, PORTICO_E_NOT_FOUND, "no_stream", "there is no such stream");
    portico_status failed = PORTICO_OK;
    const int status = fetch(of(plugin), call, failed);
    if (failed != PORTICO_OK) return failed;
    if (status != 200) return refuse(call, PORTICO_E_UNAVAILABLE, "garbled", "the answer cannot be read");
    if (const portico_status stop = put(changes, "{\"op\":\"checkpoint\",\"cursor\":\"page\"}\n"); stop != PORTICO_OK)
        return stop;
    return put(changes, LAST_LINES_OF_PULL);
}
portico_status nothingToSay(portico_plugin*, const portico_call* call, portico_str stream, portico_str, portico_bytes,
                            portico_sink) {
    if (view(stream) != "items") return refuse(call, PORTICO_E_NOT_FOUND, "no_stream", "there is no such stream");
    return PORTICO_OK;
}

// Keeps what it is given in the tenant's store; acknowledges only what the store took.
portico_status consume(portico_plugin* plugin, const portico_call* call, portico_bytes events, portico_sink acked) {
    Instance& self = of(plugin);
    if (self.store == nullptr)
        return refuse(call, PORTICO_E_UNSUPPORTED, "no_store", "this host offers no portico.store/1");
    long last = 0;
    const std::string text(view(events));
    for (std::size_t at = 0; (at = text.find("\"seq\":", at)) != std::string::npos; ++at)
        last = std::max(last, std::atol(text.c_str() + at + 6));
    Collected version, value;
    const portico_status found = self.store->get(self.host, call, str("last"), version.sink(), value.sink());
    if (found != PORTICO_OK && found != PORTICO_E_NOT_FOUND) return passOn(call, found);
    last = std::max({last, std::atol(value.text.c_str()), 0L});
    const std::string op = "{\"op\":\"put\",\"key\":\"last\",\"value\":\"MQ==\"}\n";
    const portico_status written = self.store->write(self.host, call, {op.data(), op.size()});
    if (written != PORTICO_OK) return passOn(call, written);
    return put(acked, ACKNOWLEDGED(last));
}

portico_status invoke(portico_plugin* plugin, const portico_call* call, portico_str name, portico_str args,
                      portico_sink result) {
    Instance& self = of(plugin);
    if (!KNOWS_ACTION(name)) return FAILURE_WORDS(call, PORTICO_E_NOT_FOUND, "no_action", "there is no such action");
    if (call->cancelled(call) != 0) return refuse(call, PORTICO_E_CANCELLED, "cancelled", "the caller gave up");
    ON_ACTION(self, call, args, result)
    return CHECK_OUTPUT(put(result, "{\"size\":" + std::to_string(args.size) + "}"));
}

portico_status busy(portico_plugin* plugin, const portico_call* call, portico_str, portico_str, portico_str,
                    portico_sink lines) {
    portico_status failed = PORTICO_OK;
    const int status = fetch(of(plugin), call, failed);
    if (failed != PORTICO_OK && status == 0) return failed;
    std::string out;
    for (const char* calendar : {"primary", "other"})
        out += std::string("{\"collection\":\"") + calendar + "\"," +
               (status == 200 ? "\"unknown\":\"the service does not say\"" : BUSY_BY_ERROR) + "}\n";
    return put(lines, out);
}

portico_status watch(portico_plugin*, const portico_call*, portico_str, portico_sink out) {
    return put(out, "{\"ref\":\"w1\",\"expires\":\"2026-02-01T00:00:00Z\"}");
}
portico_status unwatch(portico_plugin*, const portico_call*, portico_str) { return PORTICO_OK; }
portico_status receive(portico_plugin*, const portico_call*, portico_str, portico_str, portico_bytes,
                       portico_sink pulls) {
    return put(pulls, "{\"stream\":\"items\",\"collection\":\"c1\"}\n");
}

constexpr portico_sync_1 kSync{sizeof(portico_sync_1), 0, collections, pull, nothingToSay, nothingToSay, nothingToSay};
constexpr portico_event_1 kEvent{sizeof(portico_event_1), 0, consume};
constexpr portico_action_1 kAction{ACTION_TABLE_SIZE, 0, invoke};
constexpr portico_availability_1 kAvailability{sizeof(portico_availability_1), 0, busy};
constexpr portico_webhook_1 kWebhook{sizeof(portico_webhook_1), 0, watch, unwatch, receive};

portico_status start(portico_plugin* plugin, const portico_call* call, portico_str) {
    (void)plugin, (void)call;
    ON_START(plugin, call)
    return PORTICO_OK;
}
portico_status stop(portico_plugin*, const portico_call*) { return PORTICO_OK; }
void destroy(portico_plugin* plugin) {
    Instance* self = &of(plugin);
    ON_DESTROY(*self)
    DELETE_INSTANCE(self);
}
const void* extension(portico_plugin* plugin, portico_str id) {
    (void)plugin;
    ON_ASKED(of(plugin), id)
    if (!TABLES_DECLARED(view(id))) return nullptr;
    if (IS_TABLE(id, PORTICO_SYNC_1)) return &kSync;
    if (IS_TABLE(id, PORTICO_EVENT_1)) return &kEvent;
    if (IS_TABLE(id, PORTICO_ACTION_1)) return &kAction;
    if (IS_TABLE(id, PORTICO_AVAILABILITY_1)) return &kAvailability;
    if (IS_TABLE(id, PORTICO_WEBHOOK_1)) return &kWebhook;
    return nullptr;
}

portico_status create(const portico_host* host, const portico_call* call, portico_plugin** out) {
    if (!HOST_IS_FINE(host)) return refuse(call, PORTICO_E_UNSUPPORTED, "host", "this host is not the expected one");
    ON_CREATE(host, call)
    auto* self = NEW_INSTANCE;
    self->host = host;
    self->http = static_cast<const portico_http_1*>(host->extension(host, str(PORTICO_HTTP_1)));
    self->store = static_cast<const portico_store_1*>(host->extension(host, str(PORTICO_STORE_1)));
    self->plugin = {sizeof(portico_plugin), 0, self, start, stop, destroy, extension};
    *out = &self->plugin;
    return PORTICO_OK;
}

constexpr portico_entry kEntry{sizeof(portico_entry),
                               PORTICO_ABI_MINOR,
                               0,
                               {PLUGIN_ID, sizeof(PLUGIN_ID) - 1},
                               {PLUGIN_VERSION, sizeof(PLUGIN_VERSION) - 1},
                               create};

__attribute__((constructor)) void onLoad() { ON_LOAD }

}  // namespace

#ifndef NO_ENTRY
extern "C" PORTICO_EXPORT const portico_entry* portico_plugin_entry_1(void) { return &kEntry; }
#else
extern "C" PORTICO_EXPORT const portico_entry* portico_plugin_entry_7(void) { return &kEntry; }
#endif
