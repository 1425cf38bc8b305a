// SPDX-License-Identifier: Apache-2.0
// Host tables whose answers show what they were asked, for the conformance plugin's "everything" action.
#pragma once

#include <string>

#include "host/wire/core/tables.h"

namespace portico::tests {

inline portico_status say(portico_sink sink, const std::string& text) {
    return sink.write(sink.self, {text.data(), text.size()});
}
inline std::string text(portico_str value) { return std::string(wire::view(value)); }
inline std::string text(portico_bytes value) { return std::string(wire::view(value)); }

inline wire::HostTables fakeHost() {
    using H = const portico_host*;
    using C = const portico_call*;
    static const portico_settings_1 settings{sizeof settings, 0,
                                             [](H, C, portico_sink json) { return say(json, "{\"s\":1}"); }};
    static const portico_http_1 http{
        sizeof http, 0, [](H, C, portico_str request, portico_bytes body, portico_sink head, portico_sink content) {
            say(head, "{\"status\":200}");
            return say(content, text(request) + text(body));
        }};
    static const portico_store_1 store{
        sizeof store, 0,
        [](H, C, portico_str key, portico_sink version, portico_sink value) {
            say(version, "7");
            return say(value, text(key) + "!");
        },
        [](H, C, portico_str prefix, portico_str after, std::uint32_t limit, portico_sink lines) {
            return say(lines, text(prefix) + text(after) + std::to_string(limit));
        },
        [](H, C call, portico_bytes ops) -> portico_status {
            wire::AbiCall::of(call).why() = {"conflict", "refused " + std::to_string(ops.size) + " bytes", 250};
            return PORTICO_E_CONFLICT;
        }};
    static const portico_record_1 record{
        sizeof record, 0, [](H, C, portico_str query, portico_sink lines) { return say(lines, text(query)); },
        [](H, C, portico_bytes changes, portico_sink stored) { return say(stored, std::to_string(changes.size)); }};
    static const portico_blob_1 blob{
        sizeof blob,
        0,
        [](H, C, portico_str id, portico_sink json) { return say(json, "stat " + text(id)); },
        [](H, C, portico_str meta, portico_sink id) { return say(id, "new" + text(meta)); },
        [](H, C, portico_str id, std::uint64_t offset, std::uint64_t length, portico_sink content) {
            return say(content, text(id) + "@" + std::to_string(offset) + "+" + std::to_string(length));
        },
        [](H, C, portico_str, std::uint64_t offset, portico_bytes content) -> portico_status {
            return offset == 9 && text(content) == "xyz" ? PORTICO_OK : PORTICO_E_INVALID;
        }};
    wire::HostTables tables;
    tables.set<wire::SettingsTable>(&settings);
    tables.set<wire::HttpTable>(&http);
    tables.set<wire::StoreTable>(&store);
    tables.set<wire::RecordTable>(&record);
    tables.set<wire::BlobTable>(&blob);
    return tables;
}

}  // namespace portico::tests
