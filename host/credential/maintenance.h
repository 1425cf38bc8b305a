// SPDX-License-Identifier: Apache-2.0
// What the vault does by itself: tell providers of revocations they missed, ask once a day whether idle connections
// still stand, drop what is out of date. tick() is thread-safe and does what is due by the clock; start() runs it on a
// thread of its own every half minute. The destructor waits for a running tick.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "host/credential/pending_grants.h"
#include "host/credential/token_broker.h"

namespace portico::credential {

class Maintenance {
public:
    Maintenance(storage::Database& database, TokenBroker& broker, PendingGrants& pending, Revocations& revocations,
                const Clock& clock)
        : database_(database), broker_(broker), pending_(pending), revocations_(revocations), clock_(clock) {}
    ~Maintenance();

    void start();
    void tick();

private:
    void heartbeat();
    void prune();
    void run();

    storage::Database& database_;
    TokenBroker& broker_;
    PendingGrants& pending_;
    Revocations& revocations_;
    const Clock& clock_;
    std::map<std::string, Instant> asked_in_vain_;  // connections; of the one thread that ticks
    std::mutex mutex_;                              // guards stopping_
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace portico::credential
