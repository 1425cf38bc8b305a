// SPDX-License-Identifier: Apache-2.0
// Whether what a plugin answered keeps the contract, whatever it was asked: a status that exists, words for a failure,
// output of the published form. Pure functions.
#pragma once

#include <string>

#include "host/check/ask.h"

namespace portico::check {

struct Reply {
    portico_status status = PORTICO_OK;
    std::string out;
    wire::Failure failure;       // what call->fail was given
    portico_status refused = 0;  // what the sink answered when it wanted no more; 0 when it took everything
    int after_refusal = 0;       // writes into the sink after that
    bool lane_failed = false;    // sandboxed: the runner ended or broke the protocol
    std::int64_t nanoseconds = 0;

    bool ok() const { return status == PORTICO_OK; }
};

// "-5 UNAVAILABLE"
std::string statusText(portico_status status);

// "" or one sentence that begins with what was asked.
std::string faultOf(const manifest::Manifest& manifest, const Ask& ask, const Reply& reply);

// The part about failures alone, for calls that have no output.
std::string failureFault(const std::string& what, const Reply& reply);

}  // namespace portico::check
