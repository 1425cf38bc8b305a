// SPDX-License-Identifier: Apache-2.0
// The HTTP/1.1 server: one socket thread and N workers around an Application. It holds no worker for an idle, slow or
// half-open client, whatever they do (host/http/limits.h has the deadlines and caps).
// Because: Poco 1.11's HTTPServer keeps a thread per connection and its parser takes smuggled requests; both measured.
// Makes no socket of its own after construction, so the process may be confined once it runs.
// Thread-safe. The application, the spool and any EventStream must outlive it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "host/base/fd.h"
#include "host/http/application.h"
#include "host/http/limits.h"
#include "host/http/listener.h"
#include "host/http/spool.h"

namespace portico::http {

struct TlsFiles {
    std::filesystem::path certificate;  // PEM, the whole chain
    std::filesystem::path key;
};

class Server {
public:
    struct Options {
        Fd listener;                  // from listenOn, or inherited
        std::optional<TlsFiles> tls;  // absent: plain HTTP, for development and behind a proxy on the same machine
        Spool* spool = nullptr;       // for routes with `spool`
        Limits limits{};
        unsigned workers = 0;  // 0: two for each core
    };
    struct Stats {
        std::size_t connections = 0;  // open now
        std::uint64_t accepted = 0;
        std::uint64_t turned_away = 0;  // over a connection cap
        std::uint64_t requests = 0;     // complete ones
        std::uint64_t expired = 0;      // connections that missed a deadline
    };

    // Starts to serve. Throws when the TLS files cannot be used.
    Server(Options options, const Application& application);
    ~Server();  // stop(0)

    std::uint16_t port() const noexcept;
    Stats stats() const;
    // Takes no more connections, lets requests in progress finish until `grace` is over, then ends the threads. A
    // handler that runs longer is waited for: handlers have deadlines of their own. The second call does nothing.
    void stop(Millis grace);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace portico::http
