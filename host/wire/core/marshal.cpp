// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/marshal.h"

namespace portico::wire {

portico_status callPeer(AbiCall& call, std::uint16_t method, std::string_view payload,
                        std::span<const portico_sink> sinks, bool plugin_function) noexcept {
    Failure& reason = plugin_function ? call.failed() : call.why();
    reason = {};
    call.lane_failed = false;
    try {
        const Outgoing outgoing{.method = method,
                                .payload = payload,
                                .deadline_ns = call.context().deadline_ns,
                                .sinks = sinks,
                                .nested = call.nested,
                                .overseer = call.overseer,
                                .max_output = plugin_function ? kMaxCallOutput : kNoOutputLimit};
        const portico_status status = call.lane()->call(outgoing, reason);
        if (status == PORTICO_E_CANCELLED && !plugin_function) call.noteCancelled();
        return status;
    } catch (const Error& error) {
        call.lane_failed = true;
        reason = {error.reason(), error.what(), error.retryAfterMs()};
        return static_cast<portico_status>(error.code());
    } catch (const std::exception& error) {
        reason = {"internal", error.what(), 0};
        return PORTICO_E_INTERNAL;
    }
}

}  // namespace portico::wire
