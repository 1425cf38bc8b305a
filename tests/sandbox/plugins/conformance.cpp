// SPDX-License-Identifier: Apache-2.0
// A plugin that exercises all ten tables through the C ABI alone (no helper layer), so that a test can compare what
// goes in on one side with what comes out on the other. Behaviour is chosen by the arguments; see each function.
#include <portico/abi.h>

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

#ifndef CONFORMANCE_VERSION
#define CONFORMANCE_VERSION "1.0.0"
#endif

// What tests that link this plugin in may look at.
std::atomic<std::uint64_t> conformance_written{0};  // bytes that pulls of "many" have handed over
std::atomic<int> conformance_fetched{1};            // what the last "fetch" or pull got from the host
std::atomic<bool> conformance_saw_cancel{false};    // and whether its call was cancelled by then

namespace {

std::atomic<const portico_host*> host{nullptr};  // of the instance made last, when tests make several in one process

std::string_view view(portico_str text) { return {text.data, text.size}; }
portico_str str(std::string_view text) { return {text.data(), text.size()}; }
portico_status put(portico_sink sink, std::string_view text) {
    return sink.write(sink.self, {text.data(), text.size()});
}

portico_sink into(std::string& text) {
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                static_cast<std::string*>(self)->append(static_cast<const char*>(chunk.data), chunk.size);
                return PORTICO_OK;
            }};
}

template <class T>
const T* table(const char* name) {
    return static_cast<const T*>(host.load()->extension(host, str(name)));
}

portico_status refuse(const portico_call* call, std::string_view code, std::string_view text, portico_status status) {
    call->fail(call, str(code), str(text), 1500);
    return status;
}

// One call of every host function; the result is a line per function (name=status:output), or the statuses as JSON.
std::string callEverything(const portico_call* call, bool statuses_only) {
    std::string out, statuses;
    const auto note = [&](const char* name, portico_status status, const std::string& got) {
        out += std::string(name) + "=" + std::to_string(status) + ":" + got + "\n";
        statuses += (statuses.empty() ? "[" : ",") + std::to_string(status);
    };
    std::string a, b;
    note("settings.get", table<portico_settings_1>(PORTICO_SETTINGS_1)->get(host, call, into(a)), a);
    a.clear();
    portico_status status = table<portico_http_1>(PORTICO_HTTP_1)
                                ->fetch(host, call, str("{\"url\":\"https://x/\"}"), {"body", 4}, into(a), into(b));
    note("http.fetch", status, a + "|" + b);
    const auto* store = table<portico_store_1>(PORTICO_STORE_1);
    a.clear(), b.clear();
    status = store->get(host, call, str("key"), into(a), into(b));
    note("store.get", status, a + "|" + b);
    a.clear();
    status = store->scan(host, call, str("k"), str("ka"), 7, into(a));
    note("store.scan", status, a);
    status = store->write(host, call, {"{\"op\":\"remove\"}\n", 16});
    const portico_failure why = call->why(call);
    note("store.write", status,
         std::string(view(why.code)) + "|" + std::string(view(why.message)) + "|" + std::to_string(why.retry_after_ms));
    const auto* record = table<portico_record_1>(PORTICO_RECORD_1);
    a.clear();
    note("record.query", record->query(host, call, str("{\"kind\":\"contact\"}"), into(a)), a);
    a.clear();
    note("record.write", record->write(host, call, {"{}\n", 3}, into(a)), a);
    const auto* blob = table<portico_blob_1>(PORTICO_BLOB_1);
    a.clear();
    note("blob.stat", blob->stat(host, call, str("b1"), into(a)), a);
    a.clear();
    note("blob.create", blob->create(host, call, str("{}"), into(a)), a);
    a.clear();
    status = blob->read(host, call, str("b1"), 5, 1ull << 40, into(a));
    note("blob.read", status, a);
    note("blob.write", blob->write(host, call, str("b1"), 9, {"xyz", 3}), "");
    return statuses_only ? statuses + "]" : out;
}

std::string context(const portico_call* call) {
    std::string trace;
    for (const std::uint8_t byte : call->trace_id)
        trace += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    return "\"" + std::string(view(call->tenant)) + "," + std::string(view(call->actor)) + "," +
           std::string(view(call->connection)) + "," + std::to_string(call->id) + "," + std::to_string(call->now_ms) +
           "," + std::to_string(call->settings_revision) + "," + trace + "\"";
}

void rest() {
    const timespec millisecond{0, 1'000'000};
    nanosleep(&millisecond, nullptr);
}

// The first number in the text; 0 when there is none.
std::size_t number(std::string_view text) {
    const std::size_t digit = text.find_first_of("0123456789");
    return digit == std::string_view::npos ? 0 : std::stoul(std::string(text.substr(digit)));
}

// Counts what comes and forgets it.
portico_sink count(std::size_t& bytes) {
    return {&bytes, [](void* self, portico_bytes chunk) -> portico_status {
                *static_cast<std::size_t*>(self) += chunk.size;
                return PORTICO_OK;
            }};
}

portico_status fetch(const portico_call* call, portico_str request, portico_sink result) {
    std::string head;
    std::size_t bytes = 0;
    const portico_status status =
        table<portico_http_1>(PORTICO_HTTP_1)->fetch(host, call, request, {nullptr, 0}, into(head), count(bytes));
    conformance_fetched = status;
    conformance_saw_cancel = call->cancelled(call) != 0;
    return status == PORTICO_OK ? put(result, std::to_string(bytes)) : refuse(call, "fetch", "no answer", status);
}

// A new file of so many bytes, a MiB at a time; its id.
portico_status writeBlob(const portico_call* call, std::size_t bytes, portico_sink result) {
    const auto* blob = table<portico_blob_1>(PORTICO_BLOB_1);
    std::string id;
    portico_status status = blob->create(host, call, str("{}"), into(id));
    const std::string piece(1u << 20, 'b');
    for (std::size_t at = 0; at < bytes && status == PORTICO_OK; at += piece.size())
        status = blob->write(host, call, str(id), at, {piece.data(), std::min(piece.size(), bytes - at)});
    return status == PORTICO_OK ? put(result, "\"" + id + "\"") : refuse(call, "blob", "not written", status);
}

// The whole file in one call; how many bytes came.
portico_status readBlob(const portico_call* call, std::string_view id, portico_sink result) {
    std::size_t bytes = 0;
    const portico_status status =
        table<portico_blob_1>(PORTICO_BLOB_1)->read(host, call, str(id), 0, 1ull << 40, count(bytes));
    return status == PORTICO_OK ? put(result, std::to_string(bytes)) : refuse(call, "blob", "not read", status);
}

portico_status invoke(portico_plugin*, const portico_call* call, portico_str name, portico_str args,
                      portico_sink result) {
    const std::string_view action = view(name);
    if (action == "version") return put(result, "\"" CONFORMANCE_VERSION "\"");
    if (action == "fetch") return fetch(call, args, result);
    if (action == "blob_write") return writeBlob(call, number(view(args)), result);
    if (action == "blob_read") {  // args {"id":"..."}
        const std::string_view text = view(args);
        const std::size_t start = text.find("\"id\":\"") + 6;
        return readBlob(call, text.substr(start, text.find('"', start) - start), result);
    }
    if (action == "echo") return put(result, view(args));
    if (action == "everything") return put(result, callEverything(call, false));
    if (action == "statuses") return put(result, callEverything(call, true));
    if (action == "context") return put(result, context(call));
    if (action == "fail") return refuse(call, "conformance", "asked to fail", PORTICO_E_LIMIT);
    if (action == "crash") std::abort();
    if (action == "hang")
        for (;;) rest();
    if (action == "wait") {
        while (call->cancelled(call) == 0) rest();
        return refuse(call, "stopped", "stopped when told", PORTICO_E_CANCELLED);
    }
    if (action == "big") {  // `args` bytes in pieces of 1000; reports how far it got when the sink stops it
        const std::size_t wanted = number(view(args));
        std::string piece(1000, 'x');
        for (std::size_t sent = 0; sent < wanted; sent += piece.size()) {
            piece.front() = sent == 0 ? '"' : 'x';  // one JSON text
            if (sent + piece.size() >= wanted) piece.back() = '"';
            if (const portico_status status = put(result, piece); status != PORTICO_OK)
                return refuse(call, "stopped", "after " + std::to_string(sent), status);
        }
        return PORTICO_OK;
    }
    if (action == "allocate") {  // touches the bytes it got
        const std::size_t size = std::stoul(std::string(view(args)));
        char* bytes = static_cast<char*>(std::malloc(size));
        if (bytes == nullptr) return refuse(call, "memory", "no more memory", PORTICO_E_LIMIT);
        for (std::size_t at = 0; at < size; at += 4096) bytes[at] = 1;
        std::free(bytes);
        return PORTICO_OK;
    }
    if (action == "log") {
        host.load()->log(host, call, 2, str("conformance.log"), args);
        return PORTICO_OK;
    }
    if (action == "missing")
        return put(result, table<portico_http_1>("portico.nothing/1") == nullptr ? "null" : "there");
    return refuse(call, "unknown_action", "there is no such action", PORTICO_E_NOT_FOUND);
}

// wanted: how many lines and, after a blank, how many bytes each is to have at least.
portico_status pullMany(std::string_view wanted, portico_sink changes) {
    const std::size_t lines = number(wanted), blank = wanted.find(' ');
    const std::string padding(blank == std::string_view::npos ? 60 : number(wanted.substr(blank)), 'p');
    for (std::size_t i = 0; i < lines; ++i) {
        const std::string line =
            "{\"op\":\"upsert\",\"ref\":\"" + std::to_string(i) + padding + "\",\"version\":\"1\"}\n";
        if (const portico_status status = put(changes, line); status != PORTICO_OK) return status;
        conformance_written += line.size();
    }
    return put(changes, "{\"op\":\"done\",\"full\":true,\"cursor\":\"next\"}\n");
}

// Every plugin function writes what it got, so that the test sees each argument arrive.
portico_status collections(portico_plugin*, const portico_call*, portico_str stream, portico_sink lines) {
    if (view(stream).starts_with("many")) return pullMany(view(stream), lines);
    return put(lines, "{\"id\":\"c1\",\"name\":\"" + std::string(view(stream)) + "\",\"writable\":true}\n");
}
portico_status pull(portico_plugin*, const portico_call* call, portico_str stream, portico_str collection,
                    portico_str cursor, portico_sink changes) {
    if (view(collection) == "many") return pullMany(view(cursor), changes);
    put(changes, "{\"op\":\"upsert\",\"ref\":\"" + std::string(view(stream)) + "/" + std::string(view(collection)) +
                     "/" + std::string(view(cursor)) + "\",\"version\":\"1\",\"record\":{}}\n");
    std::string settings;  // the line above must reach the host before this call does
    conformance_fetched = table<portico_settings_1>(PORTICO_SETTINGS_1)->get(host, call, into(settings));
    return put(changes, "{\"op\":\"done\",\"full\":true,\"cursor\":\"next\"}\n");
}
portico_status echoLines(portico_plugin*, const portico_call*, portico_str, portico_str, portico_bytes in,
                         portico_sink out) {
    return out.write(out.self, in);
}
portico_status consume(portico_plugin*, const portico_call*, portico_bytes events, portico_sink acked) {
    return put(acked, std::to_string(events.size));
}
portico_status busy(portico_plugin*, const portico_call*, portico_str collections, portico_str from, portico_str to,
                    portico_sink lines) {
    return put(lines, "{\"collection\":" + std::string(view(collections)) + ",\"unknown\":\"" +
                          std::string(view(from)) + " " + std::string(view(to)) + "\"}\n");
}
portico_status watch(portico_plugin*, const portico_call*, portico_str request, portico_sink watch) {
    return put(watch, view(request));
}
portico_status unwatch(portico_plugin*, const portico_call* call, portico_str watch) {
    return view(watch) == "w" ? PORTICO_OK : refuse(call, "unknown_watch", "no such watch", PORTICO_E_NOT_FOUND);
}
portico_status receive(portico_plugin*, const portico_call*, portico_str watch, portico_str head, portico_bytes body,
                       portico_sink pulls) {
    return put(pulls, std::string(view(watch)) + std::string(view(head)) +
                          std::string(static_cast<const char*>(body.data), body.size));
}

std::string started_with;

portico_status start(portico_plugin*, const portico_call* call, portico_str config) {
    started_with = view(config);
    return started_with.find("refuse") != std::string::npos
               ? refuse(call, "bad_config", "the configuration says refuse", PORTICO_E_INVALID)
               : PORTICO_OK;
}
portico_status stop(portico_plugin*, const portico_call*) { return PORTICO_OK; }
void destroy(portico_plugin*) {}

const portico_sync_1 kSync{sizeof(portico_sync_1), 0, collections, pull, echoLines, echoLines, echoLines};
const portico_event_1 kEvent{sizeof(portico_event_1), 0, consume};
const portico_action_1 kAction{sizeof(portico_action_1), 0, invoke};
const portico_availability_1 kAvailability{sizeof(portico_availability_1), 0, busy};
// An older minor's table: it ends before `receive`, which the host must then not see.
const portico_webhook_1 kWebhook{offsetof(portico_webhook_1, receive), 0, watch, unwatch, receive};

const void* extension(portico_plugin*, portico_str id) {
    if (view(id) == PORTICO_SYNC_1) return &kSync;
    if (view(id) == PORTICO_EVENT_1) return &kEvent;
    if (view(id) == PORTICO_ACTION_1) return &kAction;
    if (view(id) == PORTICO_AVAILABILITY_1) return &kAvailability;
    if (view(id) == PORTICO_WEBHOOK_1) return &kWebhook;
    return nullptr;
}

portico_plugin plugin{sizeof(portico_plugin), 0, nullptr, start, stop, destroy, extension};

portico_status create(const portico_host* given, const portico_call*, portico_plugin** out) {
    host = given;
    *out = &plugin;
    return PORTICO_OK;
}

const portico_entry kEntry{sizeof(portico_entry), PORTICO_ABI_MINOR,        0,
                           {"conformance", 11},   {CONFORMANCE_VERSION, 5}, create};

}  // namespace

extern "C" PORTICO_EXPORT const portico_entry* portico_plugin_entry_1(void) { return &kEntry; }
