// SPDX-License-Identifier: Apache-2.0
// Brings the outbox's events to their consumers: per tenant in order, at least once, each consumer at its own pace, on
// named threads of its own; thread-safe. A consumer that fails for one tenant waits (full jitter, up to five minutes)
// without holding up other tenants or consumers.
// Two kinds of consumers. Those added before start() hear of everything of every tenant, for ever. A guest may come at
// any time and hears of a tenant only while it has a place there (storage::joinConsumer, leaveConsumer), and what it
// does not take is not kept for ever.
// Invariant: every consumer of the first kind is registered for a tenant before any of that tenant's events is
// acknowledged, so that none can miss one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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

// What is kept for a guest at most. Beyond it, its whole backlog is dropped and it goes on with what comes next.
struct Backlog {
    Millis age = std::chrono::hours(24 * 7);  // of the oldest event, once delivery has failed
    std::int64_t events = 100'000;
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

    struct Guest {
        std::string name;
        Handler handler;
        // The backlog from `first` to `last` was dropped, in the transaction that drops it.
        std::function<void(storage::Tx&, std::int64_t first, std::int64_t last)> dropped;
        int threads = 1;  // tenants that are delivered to at once
        Backlog most = {};
        int batch = 100;
    };
    // Also while delivery runs. Nothing happens when there is a guest of that name; without a place, it idles.
    void addGuest(Guest guest);
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
        std::optional<Guest> guest = {};
        std::map<TenantId, Trouble> troubles = {};  // guarded by mutex_
        std::set<TenantId> busy = {};               // guarded by mutex_; one thread per tenant, so order is kept
    };

    std::vector<Consumer*> all();
    void run(Consumer& consumer);
    void deliverLoop(Consumer& consumer);
    void dropExcess(Consumer& consumer, const TenantId& tenant, bool failing);
    std::int64_t deliverAll(Consumer& consumer);
    std::int64_t deliverTenant(Consumer& consumer, const TenantId& tenant);
    std::int64_t deliverBatch(Consumer& consumer, const TenantId& tenant);
    bool claim(Consumer& consumer, const TenantId& tenant);
    void release(Consumer& consumer, const TenantId& tenant);
    void forgetOthers(Consumer& consumer, const std::vector<TenantId>& tenants);
    void failed(Consumer& consumer, const TenantId& tenant, const Error& error);
    Millis untilNextTry(Consumer& consumer);
    std::vector<TenantId> behind(const Consumer& consumer);
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
    std::atomic<bool> stopping_{false};
    const std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
    std::mutex mutex_;  // guards what follows, and what each consumer says it does
    bool started_ = false;
    std::vector<std::unique_ptr<Consumer>> consumers_;  // only ever grows
    std::vector<std::thread> threads_;
};

}  // namespace portico::jobs
