// SPDX-License-Identifier: Apache-2.0
// A server on a free port with a handful of routes, a temporary folder, certificates made on the spot, and a way to
// wait for a state without sleeping blindly. One thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <semaphore>

#include "client.h"
#include "host/http/event_stream.h"
#include "host/http/router.h"
#include "host/http/server.h"

namespace portico::http::test {

class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// A self-signed P-256 certificate and its key.
TlsFiles makeCertificate(const std::filesystem::path& folder);

// True as soon as `state` is; false when it is not within ten seconds.
bool becomes(const std::function<bool()>& state);

// Routes: GET /hello; GET /big (4 MB); GET /file (4 MB from a file); GET /pieces; POST /echo; POST /upload (spooled,
// says its size); GET /wait (until `gate` is released); GET /left (releases it when the client has left); GET /events;
// GET /fail.
struct Site {
    explicit Site(Limits limits = {}, bool tls = false, unsigned workers = 4);
    Client client(int tls_version = 0) const;

    TemporaryFolder folder;
    EventStream events;
    Router router;
    Spool spool;
    std::counting_semaphore<1000> gate{0};
    std::counting_semaphore<1000> entered{0};  // handlers of /wait that have begun
    std::function<void(const Request&)> on_upload;
    bool tls;
    std::unique_ptr<Server> server;
};

}  // namespace portico::http::test
