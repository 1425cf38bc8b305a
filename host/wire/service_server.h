// SPDX-License-Identifier: Apache-2.0
// Threads that serve: one per inherited lane, or one per connection to a listening socket that only its owner may use.
// Thread-safe handler required: it is called from every lane's thread at once. stop() (and the destructor) wake and
// join all threads; a handler that is running is waited for.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "host/wire/service.h"

namespace portico::wire {

class ServiceServer {
public:
    explicit ServiceServer(ServiceHandler handler, bool accept_fds = false);
    ~ServiceServer();

    // Serves the lane on a thread of its own until the other end closes it. False when too many are open already.
    bool add(Fd lane);
    void stop();

private:
    struct Serving {
        int fd = -1;
        bool ended = false;
        std::thread thread;
    };
    void run(Serving& serving, Fd lane);
    void reap();

    static constexpr std::size_t kMaxLanes = 64;
    const ServiceHandler handler_;
    const bool accept_fds_;
    std::mutex mutex_;
    std::list<Serving> serving_;
    bool stopped_ = false;
};

// A Unix socket at `path` (mode 0600, replaced when nobody listens there) whose connections become lanes of a server.
// Peers of another user than ours or root are turned away.
class ServiceListener {
public:
    ServiceListener(std::filesystem::path path, ServiceHandler handler);
    ~ServiceListener();
    ServiceListener(const ServiceListener&) = delete;
    ServiceListener& operator=(const ServiceListener&) = delete;

private:
    void accept();

    std::filesystem::path path_;
    Fd socket_;
    ServiceServer server_;
    std::thread thread_;
};

// A client's lane to a listener; Unavailable when nobody listens there.
Fd connectTo(const std::filesystem::path& path);
// Two connected ends, close-on-exec.
std::pair<Fd, Fd> lanePair();

}  // namespace portico::wire
