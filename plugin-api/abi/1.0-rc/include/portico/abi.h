/* SPDX-License-Identifier: Apache-2.0
 *
 * portico/abi.h - the binary contract between the Portico host and its plugins, major version 1 (release candidate).
 *
 * One plugin binary runs unchanged in a sandboxed runner process or inside the checker, so everything that crosses
 * this boundary can be written to a socket: integers, borrowed spans, sinks, and the call context.
 *
 * Ownership   Inputs are borrowed until the function returns. Outputs are pushed into a sink the caller owns.
 *             Nothing is ever freed by the side that did not allocate it.
 * Errors      Every fallible function returns portico_status. No exception, signal or longjmp crosses.
 *             A failing plugin explains itself with call->fail; a failing host with call->why.
 *             A function that a table does not reach (an older peer) is PORTICO_E_UNSUPPORTED: ask with PORTICO_HAS.
 * Threads     [setup]  one call at a time, never concurrent with any other call on the instance.
 *             [worker] up to manifest.concurrency calls at once on one instance; may block.
 *             [any]    callable from any thread, at any time between create and destroy.
 *             Host functions may be called only from inside a call, with that call's portico_call, on a thread
 *             that is serving it (log alone is [any]).
 * Growth      Structs only grow at the end and say their size. New abilities are new extension ids.
 *             Nothing here is ever reordered, retyped, removed or given a new meaning.
 * Text        UTF-8, not NUL-terminated. Documents are JSON, lists are JSON Lines (one object per '\n'-ended line);
 *             their schemas live in plugin-api/schemas.
 */
/* Aligned by hand, to be read column by column. */
/* clang-format off */
#ifndef PORTICO_ABI_H
#define PORTICO_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PORTICO_ABI_MAJOR 1 /* part of the entry symbol's name: majors coexist, they do not replace */
#define PORTICO_ABI_MINOR 0 /* grows with every addition; additions never break a built plugin */

#define PORTICO_EXPORT __attribute__((visibility("default")))

/* True when the peer's struct is long enough to hold the member and the member is set. */
#define PORTICO_HAS(ptr, member) \
    ((ptr)->struct_size >= offsetof(__typeof__(*(ptr)), member) + sizeof((ptr)->member) && (ptr)->member)

/* ---- vocabulary ---------------------------------------------------------------------------------------------- */

typedef int32_t portico_status; /* an unknown negative value means PORTICO_E_INTERNAL */
enum {
    PORTICO_OK            = 0,
    PORTICO_E_INVALID     = -1,  /* the caller broke this contract or its schema; retrying is useless */
    PORTICO_E_DENIED      = -2,  /* not granted: scope, permission or tenant policy; a person must act */
    PORTICO_E_NOT_FOUND   = -3,
    PORTICO_E_CONFLICT    = -4,  /* someone else changed it first */
    PORTICO_E_UNAVAILABLE = -5,  /* try again later; honour retry_after_ms */
    PORTICO_E_DEADLINE    = -6,
    PORTICO_E_CANCELLED   = -7,
    PORTICO_E_LIMIT       = -8,  /* quota, size or rate */
    PORTICO_E_UNSUPPORTED = -9,  /* this peer does not have that function */
    PORTICO_E_INTERNAL    = -10
};

typedef struct portico_str   { const char *data; uint64_t size; } portico_str;
typedef struct portico_bytes { const void *data; uint64_t size; } portico_bytes;

/* Receives output in order, in chunks of any size. A non-zero status asks the writer to stop and return it. */
typedef struct portico_sink {
    void *self;
    portico_status (*write)(void *self, portico_bytes chunk);
} portico_sink;

/* Why something failed, for programs (code) and for people (message). Borrowed. */
typedef struct portico_failure {
    portico_str code, message;   /* both empty when nothing failed */
    int64_t retry_after_ms;      /* 0 when not known */
} portico_failure;

/* ---- one call: who, for which tenant, until when ---------------------------------------------------------------- */

typedef struct portico_call {
    uint32_t struct_size;
    uint32_t flags;              /* 0; unknown bits are ignored */
    uint64_t id;                 /* unique in the host; the key of its log lines and audit records */
    int64_t  deadline_ns;        /* CLOCK_MONOTONIC; INT64_MAX when there is none */
    int64_t  now_ms;             /* the host's wall clock in milliseconds since 1970 (virtual in tests) */
    uint64_t settings_revision;  /* changes whenever the tenant's settings of this plugin change */
    portico_str tenant;          /* opaque id; all data reachable through this call belongs to it */
    portico_str actor;           /* user id, or "system" */
    portico_str connection;      /* opaque; empty when the call has none. Names the one account http.fetch may use */
    uint8_t  trace_id[16];       /* W3C trace context */
    uint8_t  span_id[8];
    void    *owner;              /* belongs to whoever made this struct */
    int32_t (*cancelled)(const struct portico_call *);                                                 /* [any] */
    /* code: machine-readable, for logs and metrics; retry_after_ms: 0 when not known. Copied at once; the last one
     * before the function returns counts. */
    void (*fail)(const struct portico_call *, portico_str code, portico_str message, int64_t retry_after_ms); /* [any] */
    /* How the last host function of this call failed; the texts live until the next host call or this one's end. */
    portico_failure (*why)(const struct portico_call *);                                            /* [worker] */
} portico_call;

/* ---- what the host gives the plugin ------------------------------------------------------------------------------ */

typedef struct portico_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    portico_str version;         /* for logs only; never branch on it, ask for an extension */
    void *self;
    /* NULL when the host lacks the extension or the manifest did not ask for it. [any] */
    const void *(*extension)(const struct portico_host *, portico_str id);
    /* level 0..4 = trace, debug, info, warning, error; fields is a JSON object or empty. call may be NULL.
     * Lossy by design: rate-limited per plugin. [any] */
    void (*log)(const struct portico_host *, const portico_call *call, int32_t level, portico_str event,
                portico_str fields);
} portico_host;

#define PORTICO_SETTINGS_1 "portico.settings/1"
typedef struct portico_settings_1 { /* what the tenant's admin chose, after the manifest's settings schema */
    uint32_t struct_size, reserved;
    portico_status (*get)(const portico_host *, const portico_call *, portico_sink json);             /* [worker] */
} portico_settings_1;

#define PORTICO_HTTP_1 "portico.http/1"
typedef struct portico_http_1 { /* the only way out: the host checks the manifest's rules and adds the credential */
    uint32_t struct_size, reserved;
    /* request {"method","url","headers":{},"query":{},"body_blob":{"id","offset"?,"length"},"content_blob":"id"}.
     * query: values are text, number or boolean, or a list of them, which repeats the parameter. body <= 1 MiB, or
     * empty with body_blob. content_blob: an id from blob.create to which nothing was written; it takes the content of
     * a 2xx answer instead of `content`. head {"status","headers"[,"content_bytes"]}. An HTTP error status is
     * PORTICO_OK here: the plugin reads it. Bytes named by reference never pass through the plugin. [worker] */
    portico_status (*fetch)(const portico_host *, const portico_call *, portico_str request, portico_bytes body,
                            portico_sink head, portico_sink content);
} portico_http_1;

#define PORTICO_STORE_1 "portico.store/1"
typedef struct portico_store_1 { /* small private state; one namespace per plugin and tenant */
    uint32_t struct_size, reserved;
    /* value: the bytes; version: decimal text, 1 after the first put and one more with each. PORTICO_E_NOT_FOUND when
     * absent. [worker] */
    portico_status (*get)(const portico_host *, const portico_call *, portico_str key, portico_sink version,
                          portico_sink value);
    /* lines {"key","version":number,"value":"<base64>"} in key order, keys strictly after `after`, at most limit and
     * never more than 1000. [worker] */
    portico_status (*scan)(const portico_host *, const portico_call *, portico_str prefix, portico_str after,
                           uint32_t limit, portico_sink lines);
    /* ops: lines {"op":"put","key","value":"<base64>"} | {"op":"remove","key"} |
     * {"op":"expect","key","version":number} (0: must be absent). In order, all or nothing; PORTICO_E_CONFLICT when an
     * expectation fails. [worker] */
    portico_status (*write)(const portico_host *, const portico_call *, portico_bytes ops);
} portico_store_1;

#define PORTICO_RECORD_1 "portico.record/1"
typedef struct portico_record_1 { /* the tenant's CRM data, limited to the manifest's permissions */
    uint32_t struct_size, reserved;
    /* query {"kind","ids":[]} or {"kind","after"?,"limit"?}; lines {"id","version":number,"record"[,"after"]}: the last
     * line of a page that has a successor carries the next query's `after`. [worker] */
    portico_status (*query)(const portico_host *, const portico_call *, portico_str query, portico_sink lines);
    /* changes: lines {"kind","id"?,"version"?:number,"record"}: without an id it is created, with a version it must
     * have that one. All or nothing; stored: one line {"id","version":number} each. [worker] */
    portico_status (*write)(const portico_host *, const portico_call *, portico_bytes changes, portico_sink stored);
} portico_record_1;

#define PORTICO_BLOB_1 "portico.blob/1"
typedef struct portico_blob_1 { /* file contents of the call's tenant */
    uint32_t struct_size, reserved;
    /* json {"id","size"[,"sha256"]}: size so far; sha256 (hex) once the content is complete. [worker] */
    portico_status (*stat)(const portico_host *, const portico_call *, portico_str id, portico_sink json);
    /* meta: a JSON object {"name"?,"mediaType"?,"size"?}. The content is complete once the call that made it is over
     * and the host has taken it over; a blob that nobody takes over is dropped. [worker] */
    portico_status (*create)(const portico_host *, const portico_call *, portico_str meta, portico_sink id);
    /* Of complete content; fewer bytes than length only at its end. */
    portico_status (*read)(const portico_host *, const portico_call *, portico_str id, uint64_t offset,
                           uint64_t length, portico_sink content);                                     /* [worker] */
    /* In order: offset is the size so far. */
    portico_status (*write)(const portico_host *, const portico_call *, portico_str id, uint64_t offset,
                            portico_bytes content);                                                    /* [worker] */
} portico_blob_1;

/* ---- what the plugin gives the host ------------------------------------------------------------------------------ */

typedef struct portico_plugin {
    uint32_t struct_size, reserved;
    void *self;
    portico_status (*start)(struct portico_plugin *, const portico_call *, portico_str config); /* [setup] instance-wide */
    portico_status (*stop)(struct portico_plugin *, const portico_call *);                      /* [setup] */
    void (*destroy)(struct portico_plugin *);                                                   /* [setup] */
    const void *(*extension)(struct portico_plugin *, portico_str id);                          /* [any] */
} portico_plugin;

#define PORTICO_SYNC_1 "portico.sync/1"
typedef struct portico_sync_1 { /* adapts one service to the host's sync engine; every function may be repeated */
    uint32_t struct_size, reserved;
    /* lines {"id","name","writable"[,"primary","time_zone"]}: calendars, address books found at run time. [worker] */
    portico_status (*collections)(portico_plugin *, const portico_call *, portico_str stream, portico_sink lines);
    /* lines, in order: {"op":"upsert","ref","version","record"[,"token"][,"previous":["ref"]]} |
     * {"op":"remove","ref"} | {"op":"checkpoint","cursor"} | {"op":"expired"} | {"op":"done","full":bool,"cursor"}.
     * token: of the create that made it; previous: older refs of the same object, whose link to a record then moves to
     * `ref`; expired: the cursor is too old, the host pulls again from the empty one; full: everything was listed
     * since the empty cursor. [worker] */
    portico_status (*pull)(portico_plugin *, const portico_call *, portico_str stream, portico_str collection,
                           portico_str cursor, portico_sink changes);
    /* intents: lines {"key","op":"create","record"}; tokens: lines {"key","token"}: the id or marker that the host
     * stores before the write, so that a create can be repeated or found again. [worker] */
    portico_status (*prepare)(portico_plugin *, const portico_call *, portico_str stream, portico_str collection,
                              portico_bytes intents, portico_sink tokens);
    /* changes: lines {"key","op":"create|update|delete","token"?,"ref"?,"version"?,"record"?,"base"?};
     * outcomes: lines {"key","outcome":"ok|conflict|refused|retry","ref"?,"version"?,"record"?,"code"?,"message"?,
     * "retry_after_ms"?}; a change without a line has an unknown outcome. [worker] */
    portico_status (*push)(portico_plugin *, const portico_call *, portico_str stream, portico_str collection,
                           portico_bytes changes, portico_sink outcomes);
    /* refs: lines {"ref"} or {"token"}; found: a line each that repeats what was asked: {"ref","found":bool,"version"?,
     * "record"?,"moved_to"?} or {"token","found":bool,"ref"?,"version"?,"record"?}. moved_to: the ref it has now. No
     * line: the service could not say; "found":false only on its word. [worker] */
    portico_status (*read)(portico_plugin *, const portico_call *, portico_str stream, portico_str collection,
                           portico_bytes refs, portico_sink found);
} portico_sync_1;

#define PORTICO_EVENT_1 "portico.event/1"
typedef struct portico_event_1 {
    uint32_t struct_size, reserved;
    /* events: lines {"seq","type","at","actor","subject","data"}; at least once, in order within a tenant.
     * acked: the decimal seq up to which everything is safely kept; less than the last means: send again. [worker] */
    portico_status (*consume)(portico_plugin *, const portico_call *, portico_bytes events, portico_sink acked);
} portico_event_1;

#define PORTICO_ACTION_1 "portico.action/1"
typedef struct portico_action_1 { /* commands declared in the manifest; a UI panel is an action whose result is a UI tree */
    uint32_t struct_size, reserved;
    portico_status (*invoke)(portico_plugin *, const portico_call *, portico_str name, portico_str args,
                             portico_sink result);                                                     /* [worker] */
} portico_action_1;

#define PORTICO_AVAILABILITY_1 "portico.availability/1"
typedef struct portico_availability_1 {
    uint32_t struct_size, reserved;
    /* collections: JSON array of ids; from, to: RFC 3339. lines {"collection","busy":[{"start","end"}]} or
     * {"collection","unknown":"reason"}: never "free" because of an error. [worker] */
    portico_status (*busy)(portico_plugin *, const portico_call *, portico_str collections, portico_str from,
                           portico_str to, portico_sink lines);
} portico_availability_1;

#define PORTICO_WEBHOOK_1 "portico.webhook/1"
typedef struct portico_webhook_1 { /* the host owns the URL; a notification's result is only "pull these" */
    uint32_t struct_size, reserved;
    /* request {"stream","collection","url","channel","token"}; watch {"ref","expires"} [worker] */
    portico_status (*watch)(portico_plugin *, const portico_call *, portico_str request, portico_sink watch);
    portico_status (*unwatch)(portico_plugin *, const portico_call *, portico_str watch);               /* [worker] */
    /* head {"method","headers"}; pulls: lines {"stream","collection"} [worker] */
    portico_status (*receive)(portico_plugin *, const portico_call *, portico_str watch, portico_str head,
                              portico_bytes body, portico_sink pulls);
} portico_webhook_1;

/* ---- the one exported symbol ------------------------------------------------------------------------------------- */

typedef struct portico_entry {
    uint32_t struct_size;
    uint16_t minor_built;        /* PORTICO_ABI_MINOR this plugin was compiled with: lets a host keep old quirks */
    uint16_t minor_required;     /* the host must have at least this; else it refuses, and says both */
    portico_str id, version;     /* must equal the manifest's */
    /* The call has no tenant: extension, log and fail are what it is for. *out is looked at only after PORTICO_OK. */
    portico_status (*create)(const portico_host *, const portico_call *, portico_plugin **out);         /* [setup] */
} portico_entry;

/* No side effects: the host may call it to probe and never call anything else. */
PORTICO_EXPORT const portico_entry *portico_plugin_entry_1(void);

#ifdef __cplusplus
}
#endif
#endif
