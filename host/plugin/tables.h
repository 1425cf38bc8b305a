// SPDX-License-Identifier: Apache-2.0
// The host's side of the plugin ABI: one table per file, each function fenced so that an Error becomes a status and the
// text of call->why. Thread-safe: all state is behind the HostCall that a portico_call belongs to.
#pragma once

#include "host/base/error.h"
#include "host/plugin/host_call.h"
#include "host/wire/core/tables.h"

namespace portico::plugin {

const portico_settings_1& settingsTable();
const portico_http_1& httpTable();
const portico_store_1& storeTable();
const portico_record_1& recordTable();
const portico_blob_1& blobTable();

// The tables that the manifest asks for, required or optional; the plugin sees no other.
wire::HostTables tablesFor(const manifest::Manifest& manifest);

// Turns the exception in flight into the call's reason; returns its status. What is internal stays in the host's log.
portico_status explain(HostCall& call) noexcept;

// Runs f(HostCall&) as a host function. Calls without a tenant (start, stop) reach no data.
template <class F>
portico_status fence(const portico_call* abi, F&& f) noexcept {
    HostCall& call = HostCall::of(abi);
    try {
        if (call.scope().tenant.empty())
            throw Error(Code::Denied, "no_tenant",
                        "this call belongs to no tenant, so no tenant's data can be reached");
        f(call);
        return PORTICO_OK;
    } catch (...) {
        return explain(call);
    }
}

// Throws the sink's refusal as an Error, so that producing stops.
void emit(portico_sink sink, std::string_view bytes);

// A str argument as text; Invalid unless it is UTF-8 of at most max_bytes.
std::string textOf(portico_str value, const char* what, std::size_t max_bytes);

}  // namespace portico::plugin
