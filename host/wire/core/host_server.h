// SPDX-License-Identifier: Apache-2.0
// The host's end of a plugin's nested requests: runs the real host tables under the host's own portico_call, whatever
// the runner claims about tenant or time. Lives on the stack of the call it belongs to; confined to its thread.
#pragma once

#include "host/wire/core/tables.h"

namespace portico::wire {

class HostServer final : public Handler {
public:
    HostServer(const HostTables& tables, const portico_host* host, AbiCall& call)
        : tables_(tables), host_(host), call_(call) {}

    std::int32_t handle(const Request& request, Responder& responder) override {
        call_.why() = {};
        if (call_.overseer != nullptr && call_.overseer->wish() != Wish::GoOn)
            return refuse(responder, PORTICO_E_CANCELLED, "cancelled", "the caller gave up, or may no longer use this");
        if (call_.cancelled()) return refuse(responder, PORTICO_E_DEADLINE, "deadline", "the call ran out of time");
        Reader in(request.payload);
        const portico_status status = tables_.serve(request.method, host_, call_.abi(), in, responder);
        if (status != PORTICO_OK && responder.failure().empty()) responder.failure() = call_.why();
        return status;
    }

private:
    static std::int32_t refuse(Responder& responder, std::int32_t status, const char* code, const char* text) {
        responder.failure() = {code, text, 0};
        return status;
    }

    const HostTables& tables_;
    const portico_host* host_;
    AbiCall& call_;
};

}  // namespace portico::wire
