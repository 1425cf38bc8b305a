/* SPDX-License-Identifier: Apache-2.0
 * Counts visits: one action, one stored key. Each put gives the key its next version, so the version is the count, and
 * the host keeps it right however many calls run at once. The whole contract is portico/abi.h; no C++ is needed. */
#include <stdlib.h>
#include <string.h>

#include <portico/abi.h>

#define STR(literal) ((portico_str){literal, sizeof(literal) - 1})

struct counter {
    portico_plugin base; /* first, so that a portico_plugin * is a struct counter * */
    const portico_host* host;
    const portico_store_1* store;
};

struct text {
    char data[32];
    uint64_t size;
}; /* room for a decimal number and a little JSON */

static portico_status append(void* self, portico_bytes chunk) {
    struct text* text = self;
    if (chunk.size > sizeof text->data - text->size) return PORTICO_E_LIMIT;
    memcpy(text->data + text->size, chunk.data, chunk.size);
    text->size += chunk.size;
    return PORTICO_OK;
}
static portico_status drop(void* self, portico_bytes chunk) {
    (void)self, (void)chunk;
    return PORTICO_OK;
}

static portico_status invoke(portico_plugin* base, const portico_call* call, portico_str name, portico_str args,
                             portico_sink result) {
    static const char put[] = "{\"op\":\"put\",\"key\":\"visits\",\"value\":\"\"}\n";
    const struct counter* counter = (const struct counter*)base;
    struct text json = {"{\"count\":", 9};
    (void)args; /* checked against the manifest by the host; "count" takes none */
    if (name.size != 5 || memcmp(name.data, "count", 5) != 0) {
        call->fail(call, STR("no_action"), STR("this plugin only knows the action 'count'"), 0);
        return PORTICO_E_UNSUPPORTED;
    }
    portico_status status = counter->store->write(counter->host, call, (portico_bytes){put, sizeof put - 1});
    if (status == PORTICO_OK)
        status = counter->store->get(counter->host, call, STR("visits"), (portico_sink){&json, append},
                                     (portico_sink){NULL, drop});
    if (status == PORTICO_OK) status = append(&json, (portico_bytes){"}", 1});
    if (status != PORTICO_OK) { /* pass the host's own words on */
        const portico_failure why = call->why(call);
        call->fail(call, why.code, why.message, why.retry_after_ms);
        return status;
    }
    return result.write(result.self, (portico_bytes){json.data, json.size});
}

static portico_status start(portico_plugin* base, const portico_call* call, portico_str config) {
    (void)base, (void)call, (void)config;
    return PORTICO_OK;
}
static portico_status stop(portico_plugin* base, const portico_call* call) { return start(base, call, STR("")); }
static void destroy(portico_plugin* base) { free(base); }
static const void* extension(portico_plugin* base, portico_str id) {
    static const portico_action_1 action = {sizeof action, 0, invoke};
    (void)base;
    return id.size == strlen(PORTICO_ACTION_1) && memcmp(id.data, PORTICO_ACTION_1, id.size) == 0 ? &action : NULL;
}

static portico_status create(const portico_host* host, const portico_call* call, portico_plugin** out) {
    const portico_store_1* store = host->extension(host, STR(PORTICO_STORE_1));
    struct counter* counter = store ? calloc(1, sizeof *counter) : NULL;
    if (!counter) {
        call->fail(call, STR("no_store"), STR("this plugin needs portico.store/1, and memory"), 0);
        return PORTICO_E_UNSUPPORTED;
    }
    counter->base = (portico_plugin){sizeof counter->base, 0, counter, start, stop, destroy, extension};
    counter->host = host;
    counter->store = store;
    *out = &counter->base;
    return PORTICO_OK;
}

const portico_entry* portico_plugin_entry_1(void) {
    static const portico_entry entry = {sizeof entry,
                                        PORTICO_ABI_MINOR,
                                        0,
                                        {PORTICO_PLUGIN_ID, sizeof PORTICO_PLUGIN_ID - 1},
                                        {PORTICO_PLUGIN_VERSION, sizeof PORTICO_PLUGIN_VERSION - 1},
                                        create};
    return &entry;
}
