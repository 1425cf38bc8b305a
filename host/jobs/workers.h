// SPDX-License-Identifier: Apache-2.0
// Runs the queue's jobs: a fixed number of named threads, and one that keeps their leases alive. Thread-safe; handlers
// are set before start(). Invariants: one job per key at a time; a handler runs outside any transaction; stop() returns
// when every handler has, and what they left unfinished waits in the database.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/jobs/queue.h"
#include "host/storage/database.h"

namespace portico::jobs {

class Workers;

// What a handler is given. Confined to the handler's call.
class Run {
public:
    Run(Job job, CallContext context, const Workers& workers)
        : job_(std::move(job)), context_(std::move(context)), workers_(workers) {}
    const Job& job() const { return job_; }
    const Json& payload() const { return job_.payload; }
    const CallContext& context() const { return context_; }  // the system, via "job:KIND", with the run's deadline
    // Long handlers ask now and then and throw Cancelled: the job then waits for the next start.
    bool stopping() const;

private:
    Job job_;
    CallContext context_;
    const Workers& workers_;
};

class Workers {
public:
    using Handler = std::function<void(const Run&)>;
    struct Options {
        int threads = 4;
        Millis lease = std::chrono::seconds(60);
        Millis longest_run = std::chrono::minutes(10);
    };

    Workers(storage::Database& database, const Clock& clock, Options options);
    ~Workers();  // stops
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void handle(const std::string& kind, Handler handler);

    // Queues in the caller's transaction and wakes a worker when it is durable.
    std::string enqueue(storage::Tx& tx, const NewJob& job);
    // As queue.h, and a worker looks at the new time.
    void schedule(storage::Tx& tx, const Schedule& schedule);

    // The data directory has one owner: what is marked as running was left by a dead process and is taken up again.
    void start();
    void stop();
    void wake();

    // Runs what is due now on this thread and returns how many runs there were: for tests under a virtual clock.
    int runDue();

    bool stopping() const { return stopping_.load(); }

private:
    void work();
    void keepLeases();
    std::optional<Job> take();
    void run(const Job& job);
    void settle(const Job& job, const std::optional<Error>& error);
    Millis untilNextDue();
    void followClock(Instant now);

    storage::Database& database_;
    const Clock& clock_;
    const Options options_;
    std::map<std::string, Handler> handlers_;  // constant after start
    std::vector<std::string> kinds_;
    std::atomic<bool> stopping_{false};

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::uint64_t wakes_ = 0;
    std::map<std::string, Job> running_;  // by lease
    Instant latest_{};                    // that the clock has shown

    std::vector<std::thread> threads_;
};

}  // namespace portico::jobs
