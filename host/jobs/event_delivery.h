// SPDX-License-Identifier: Apache-2.0
// Brings the outbox's events to their consumers: per tenant in order, at least once, each consumer at its own pace. One
// named thread per consumer; thread-safe; consumers are added before start(). A consumer that fails for one tenant
// waits (full jitter, up to five minutes) without holding up other tenants or consumers. Invariant: every consumer is
// registered for a tenant before any of that tenant's events is acknowledged, so that none can miss one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/storage/database.h"
#include "host/storage/outbox.h"

namespace portico::jobs {

struct ConsumerStatus {
    std::string consumer;
    std::int64_t acked = 0, newest = 0;
    int failures = 0;     // in a row
    std::string problem;  // of the last failure
};

class EventDelivery {
public:
    // Returns the number of the last event that it has; an exception means none of them.
    using Handler = std::function<std::int64_t(const CallContext&, const std::vector<storage::StoredEvent>&)>;

    EventDelivery(storage::Database& database, const Clock& clock);
    ~EventDelivery();  // stops
    EventDelivery(const EventDelivery&) = delete;
    EventDelivery& operator=(const EventDelivery&) = delete;

    void add(const std::string& consumer, Handler handler, int batch = 100);
    void start();
    void stop();

    // Delivers what is due now on this thread and returns how many events were acknowledged: for tests under a virtual
    // clock.
    std::int64_t deliverDue();

    std::vector<ConsumerStatus> status(const TenantId& tenant);

private:
    struct Trouble {
        int failures = 0;
        Instant not_before;
        std::string problem;
    };
    struct Consumer {
        std::string name;
        Handler handler;
        int batch = 100;
        std::map<TenantId, Trouble> troubles;  // guarded by mutex_
    };

    void deliverLoop(Consumer& consumer);
    std::int64_t deliverAll(Consumer& consumer);
    std::int64_t deliverTenant(Consumer& consumer, const TenantId& tenant);
    std::int64_t deliverBatch(Consumer& consumer, const TenantId& tenant);
    bool mayTry(Consumer& consumer, const TenantId& tenant);
    void failed(Consumer& consumer, const TenantId& tenant, const Error& error);
    Millis untilNextTry(Consumer& consumer);
    std::vector<TenantId> behind(const std::string& consumer);
    void registerAll(const TenantId& tenant);

    // Shared with the database's listener, which may still be called after this object is gone.
    struct Waker {
        std::mutex mutex;  // guards wakes
        std::condition_variable changed;
        std::uint64_t wakes = 0;
        void wake();
    };

    storage::Database& database_;
    const Clock& clock_;
    std::vector<std::unique_ptr<Consumer>> consumers_;  // constant after start
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;  // guards each consumer's troubles
    const std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
    std::vector<std::thread> threads_;
};

}  // namespace portico::jobs
