// SPDX-License-Identifier: Apache-2.0
// What the server asks of whatever answers requests; Router is the one implementation of the product. Called by many
// threads at once: Thread-safe after set-up.
#pragma once

#include <cstdint>

#include "host/base/error.h"
#include "host/http/request.h"
#include "host/http/response.h"

namespace portico::http {

struct BodyPlan {
    std::uint64_t limit = 0;
    bool spool = false;  // to a file; guard() is asked before the first byte is taken
};

class Application {
public:
    virtual ~Application() = default;
    // Where this request's body goes. Called on the thread that serves all sockets: no I/O, no waiting. Throws to
    // refuse.
    virtual BodyPlan plan(const Request& head) const = 0;
    // May this client upload at all? On a worker, before the body. Throws to refuse; sets Request::guarded.
    virtual void guard(Request& head) const = 0;
    // On a worker. Does not throw: a failure is an answer.
    virtual Response serve(Request& request) const = 0;
    // The answer to a request that never became one, or was refused before its body.
    virtual Response refusal(const Request& request, const Error& error) const = 0;
};

}  // namespace portico::http
