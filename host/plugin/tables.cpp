// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/tables.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/log.h"

namespace portico::plugin {

wire::HostTables tablesFor(const manifest::Manifest& manifest) {
    const auto asked = [&](std::string_view name) {
        const auto names = [&](const std::vector<std::string>& list) {
            return std::find(list.begin(), list.end(), name) != list.end();
        };
        return names(manifest.requires_host) || names(manifest.optional_host);
    };
    wire::HostTables tables;
    if (asked(PORTICO_SETTINGS_1)) tables.set<wire::SettingsTable>(&settingsTable());
    if (asked(PORTICO_HTTP_1)) tables.set<wire::HttpTable>(&httpTable());
    if (asked(PORTICO_STORE_1)) tables.set<wire::StoreTable>(&storeTable());
    if (asked(PORTICO_RECORD_1)) tables.set<wire::RecordTable>(&recordTable());
    if (asked(PORTICO_BLOB_1)) tables.set<wire::BlobTable>(&blobTable());
    return tables;
}

portico_status explain(HostCall& call) noexcept {
    try {
        const Error error = currentError();
        if (error.code() == Code::Internal) {
            log::error("plugin.host_function_failed", {{"plugin", call.manifest().id.str()},
                                                       {"tenant", call.scope().tenant.str()},
                                                       {"call", std::to_string(call.context().id)},
                                                       {"error", error.what()}});
            call.why() = {"internal",
                          "the host failed; its log says more (call " + std::to_string(call.context().id) + ")", 0};
        } else {
            call.why() = {error.reason(), error.what(), error.retryAfterMs()};
        }
        return static_cast<portico_status>(error.code());
    } catch (...) {
        return PORTICO_E_INTERNAL;  // no memory left for words
    }
}

void emit(portico_sink sink, std::string_view bytes) {
    if (const portico_status status = sink.write(sink.self, wire::asBytes(bytes)); status != PORTICO_OK)
        throw Error(codeFromStatus(status), "stopped", "the plugin stopped reading");
}

std::string textOf(portico_str value, const char* what, std::size_t max_bytes) {
    const std::string_view text = wire::view(value);
    if (text.size() > max_bytes || !isUtf8(text))
        throw Error(Code::Invalid, "bad_text",
                    std::string(what) + " must be UTF-8 text of at most " + std::to_string(max_bytes) + " bytes");
    return std::string(text);
}

}  // namespace portico::plugin
