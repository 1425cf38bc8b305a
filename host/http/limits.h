// SPDX-License-Identifier: Apache-2.0
// Every limit and deadline of the server in one place, with the values it ships with. Immutable once the server runs.
// Because: an attacker's cheapest tools are many connections, slow bytes and large bodies; each has a line here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/base/clock.h"

namespace portico::http {

struct Limits {
    // One request.
    std::size_t head_bytes = 32 * 1024;  // request line and header fields
    std::size_t target_bytes = 8 * 1024;
    std::size_t fields = 100;
    std::uint64_t body_bytes = 1u << 20;  // unless the route says otherwise

    // Time. A body must also keep up with body_bytes_per_second after the first body_grace.
    Millis handshake{5'000};
    Millis head{10'000};
    Millis body_grace{10'000};
    std::uint64_t body_bytes_per_second = 1024;
    Millis write_stall{30'000};  // no byte of the answer taken by the client for so long
    Millis idle{60'000};
    Millis linger{2'000};      // after a refusal: time for the client to read it before the reset
    Millis heartbeat{15'000};  // comment line on a silent event stream

    // The whole server.
    std::size_t connections = 10'000;
    std::size_t connections_per_peer = 512;          // one IPv4 address or one IPv6 /64; an office shares one address
    std::size_t queued_requests = 1'024;             // complete requests that wait for a worker; above: 503
    std::uint64_t buffered_body_bytes = 256u << 20;  // bodies in memory, all connections together; above: 503
};

}  // namespace portico::http
