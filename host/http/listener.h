// SPDX-License-Identifier: Apache-2.0
// The listening socket. Made before the process confines itself (often by another process, which passes it on), because
// afterwards it may not create sockets. Thread-safe functions.
#pragma once

#include <cstdint>
#include <string>

#include "host/base/fd.h"

namespace portico::http {

// A numeric IPv4 or IPv6 address ("127.0.0.1", "::"); port 0 lets the kernel choose. Throws Unavailable that names the
// port and what to do when it is taken or not allowed, Invalid for a text that is no address.
Fd listenOn(const std::string& address, std::uint16_t port);

std::uint16_t localPort(int socket);

}  // namespace portico::http
