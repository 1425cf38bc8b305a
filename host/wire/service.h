// SPDX-License-Identifier: Apache-2.0
// Named calls between our own processes (server and vault, server and supervisor, command line and server): a method, a
// JSON text, a body, descriptors; the callee may call back while it serves. Errors travel whole (code, reason, text,
// retry, details). JSON stays text here: the two ends parse it with their own fences.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/fd.h"
#include "host/wire/lane_pool.h"

namespace portico::wire {

struct ServiceReply {
    std::string json;
    std::string body;
};

class ServicePeer;

struct ServiceRequest {
    std::string_view method;  // valid until the handler returns, like the next two
    std::string_view json;
    std::string_view body;
    Deadline deadline = Deadline::never();
    std::vector<Fd> fds;
    GivenUp given_up;  // whether the caller still waits; asked on the serving thread, not inside a call to `peer`
};

// Answers a request or throws Error. `peer` reaches the caller of this very request.
using ServiceHandler = std::function<ServiceReply(ServiceRequest& request, ServicePeer& peer)>;

// One lane as a caller of services: on the client's own lane, or back to the caller from inside a handler.
// One thread at a time.
class ServicePeer {
public:
    explicit ServicePeer(Lane& lane) : lane_(lane) {}
    // `nested` answers what the callee asks meanwhile. `fds` are duplicated into the callee. Throws what the callee
    // threw, Unavailable / Deadline when it is gone or silent, Cancelled "given_up" as soon as `given_up` says so.
    ServiceReply call(std::string_view method, std::string_view json, std::string_view body = {},
                      Deadline deadline = Deadline::never(), const ServiceHandler& nested = {},
                      const std::vector<int>& fds = {}, const GivenUp& given_up = {});

private:
    Lane& lane_;
};

// Thread-safe: each call takes a free lane of the pool.
class ServiceClient {
public:
    explicit ServiceClient(std::vector<Fd> lanes) : pool_(std::move(lanes)) {}
    ServiceReply call(std::string_view method, std::string_view json, std::string_view body = {},
                      Deadline deadline = Deadline::never(), const ServiceHandler& nested = {},
                      const std::vector<int>& fds = {}, const GivenUp& given_up = {});
    void close() { pool_.close(); }

private:
    LanePool pool_;
};

// Serves one lane on the calling thread until the other end closes it. accept_fds: whether descriptors may come along.
// Throws Error (wire_protocol, wire_build) when the other end breaks the protocol; it was told so if it can read it.
void serveLane(Fd lane, const ServiceHandler& handler, bool accept_fds = false);

}  // namespace portico::wire
