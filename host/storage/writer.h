// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. Waiting closures form a group: each runs in its own savepoint, one COMMIT (one fsync)
// makes the group durable, then everyone is answered. That keeps synchronous=FULL affordable (5 x a mutex with 16
// writers). run() is thread-safe. Invariants: only this thread changes or checkpoints the file; a closure that throws
// undoes only itself; nobody is told "done" before the group is on disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "host/storage/connection.h"
#include "host/storage/pending_write.h"
#include "host/storage/tx.h"

namespace portico::storage {

class Writer {
public:
    using Closure = std::function<void(Connection&, AfterCommit&)>;
    using EventListener = std::function<void(const TenantId&)>;

    // The connection must be in Writer mode and outlive this.
    explicit Writer(Connection& connection);
    ~Writer();  // finishes what was accepted
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Returns when the closure's changes are durable; rethrows what it threw. None of these may be called from a
    // closure.
    void run(Closure closure);
    // Returns at once: the closure runs in its turn.
    std::unique_ptr<PendingWrite> start(Closure closure);
    // As start(), and nobody waits: a failure is logged, and a crash before the commit loses the change.
    void later(Closure closure);
    // Writes the whole log back and empties it, so that deleted bytes are gone from disk. Waits for readers to finish.
    void checkpointTruncate();
    // Whether the last group could not be made durable for want of space.
    bool full() const { return full_; }
    // Called on the writer thread after each group that appended events, once per tenant. Stays for good.
    void onEvents(EventListener listener);

private:
    struct Work;
    struct Waited;
    struct Unwaited;

    void enqueue(Work& work);
    void loop();
    void commitGroup(std::deque<Work*>& group);
    bool runInSavepoint(Work& work);
    void finish(std::deque<Work*>& group);
    void tellListeners(const std::set<TenantId>& tenants);
    void checkpointWhenLong();
    static int onCommit(void* log, sqlite3*, const char*, int pages);

    Connection& connection_;
    struct Log {
        int pages = 0;
        bool grew = false;
    };
    Log log_;  // confined to the writer thread
    std::atomic<bool> full_{false};

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<Work*> waiting_;
    bool stopping_ = false;
    std::vector<std::shared_ptr<const EventListener>> listeners_;

    std::thread thread_;
};

}  // namespace portico::storage
