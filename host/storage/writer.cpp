// SPDX-License-Identifier: Apache-2.0
#include "host/storage/writer.h"

#include <pthread.h>
#include <sqlite3.h>

#include <algorithm>

#include "host/base/log.h"

namespace portico::storage {
namespace {

constexpr std::size_t kGroupLimit = 256;  // closures per commit: bounds how long the first one waits
constexpr int kLogPagesBeforeCheckpoint = 1000;

// The change is durable: a failure to tell someone about it must not look like a failure of the change.
template <class F>
void guarded(const F& tell) {
    try {
        tell();
    } catch (...) {
        log::error("storage.after_commit_failed", {{"error", currentError().what()}});
    }
}

}  // namespace

struct Writer::Work {
    explicit Work(Closure to_run) : closure(std::move(to_run)) {}
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;
    // The last that the writer does with it.
    virtual void answer() = 0;

    void fail(const Error& error) {
        failure = std::make_exception_ptr(Error(error.code(), error.reason(), error.what(), error.retryAfterMs()));
    }
    bool lackedSpace() const {
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (...) {
            return currentError().reason() == "disk_full";
        }
        return false;
    }

    const Closure closure;
    bool outside_transaction = false;
    bool accepted = false;
    AfterCommit after;
    std::exception_ptr failure;
};

// Belongs to whoever waits.
struct Writer::Waited final : Writer::Work, PendingWrite {
    using Work::Work;
    ~Waited() override { untilDone(); }

    void answer() override {
        // Notified under the lock: this object may be destroyed as soon as done is seen.
        const std::lock_guard lock(mutex_);
        done_ = true;
        answered_.notify_one();
    }
    void wait() override {
        untilDone();
        if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
    }

private:
    void untilDone() {
        std::unique_lock lock(mutex_);
        answered_.wait(lock, [&] { return done_ || !accepted; });
    }
    std::mutex mutex_;
    std::condition_variable answered_;
    bool done_ = false;
};

// Belongs to the writer.
struct Writer::Unwaited final : Writer::Work {
    using Work::Work;
    void answer() override {
        const std::unique_ptr<Unwaited> self(this);
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (...) {
            log::error("storage.write_failed", {{"error", currentError().what()}});
        }
    }
};

Writer::Writer(Connection& connection) : connection_(connection) {
    sqlite3_wal_hook(connection_.handle(), onCommit, &log_);
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "db-writer");
        loop();
    });
}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Writer::run(Closure closure) {
    Waited work(std::move(closure));
    enqueue(work);
    work.wait();
}

std::unique_ptr<PendingWrite> Writer::start(Closure closure) {
    auto work = std::make_unique<Waited>(std::move(closure));
    enqueue(*work);
    return work;
}

void Writer::later(Closure closure) {
    auto work = std::make_unique<Unwaited>(std::move(closure));
    enqueue(*work);
    static_cast<void>(work.release());
}

void Writer::checkpointTruncate() {
    Waited work([](Connection& connection, AfterCommit&) {
        const int result =
            sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        if (result != SQLITE_OK) throwSqlite(connection.handle(), result, "empty the write-ahead log");
    });
    work.outside_transaction = true;
    enqueue(work);
    work.wait();
}

void Writer::enqueue(Work& work) {
    if (std::this_thread::get_id() == thread_.get_id())
        throw Error(Code::Internal, "nested_write", "write to the database from inside a write");
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) throw Error(Code::Unavailable, "stopping", "write to the database: the server is stopping");
        work.accepted = true;
        waiting_.push_back(&work);
    }
    wake_.notify_one();
}

void Writer::loop() {
    for (;;) {
        std::deque<Work*> group;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            while (!waiting_.empty() && group.size() < kGroupLimit) {
                // Work outside a transaction is a group of its own, in its turn.
                if (waiting_.front()->outside_transaction && !group.empty()) break;
                group.push_back(waiting_.front());
                waiting_.pop_front();
                if (group.back()->outside_transaction) break;
            }
        }
        commitGroup(group);
        finish(group);
        checkpointWhenLong();
    }
}

void Writer::commitGroup(std::deque<Work*>& group) {
    log_.grew = false;
    try {
        if (group.front()->outside_transaction) {
            group.front()->closure(connection_, group.front()->after);
        } else {
            connection_.script("BEGIN IMMEDIATE");
            for (Work* work : group)
                // SQLite ends the whole transaction on some errors (disk full, I/O): then nobody's change is there.
                if (!runInSavepoint(*work) && !connection_.inTransaction()) std::rethrow_exception(work->failure);
            connection_.script("COMMIT");
        }
    } catch (...) {
        const Error error = currentError();
        if (connection_.inTransaction()) connection_.script("ROLLBACK");
        for (Work* work : group)
            if (!work->failure) work->fail(error);
    }
    if (std::any_of(group.begin(), group.end(), [](const Work* work) { return work->lackedSpace(); }))
        full_ = true;
    else if (log_.grew)  // which proves that there is room again
        full_ = false;
}

bool Writer::runInSavepoint(Work& work) {
    try {
        connection_.script("SAVEPOINT closure");
        work.closure(connection_, work.after);
        connection_.script("RELEASE closure");
        return true;
    } catch (...) {
        work.failure = std::current_exception();
    }
    if (connection_.inTransaction()) connection_.script("ROLLBACK TO closure; RELEASE closure");
    return false;
}

void Writer::finish(std::deque<Work*>& group) {
    std::set<TenantId> tenants;
    for (Work* work : group) {
        if (work->failure) continue;
        for (const auto& wake : work->after.wake) guarded(wake);
        tenants.merge(work->after.tenants_with_events);
    }
    tellListeners(tenants);
    for (Work* work : group) work->answer();
}

void Writer::tellListeners(const std::set<TenantId>& tenants) {
    if (tenants.empty()) return;
    std::vector<std::shared_ptr<const EventListener>> listeners;
    {
        const std::lock_guard lock(mutex_);
        listeners = listeners_;
    }
    for (const auto& listener : listeners)
        for (const TenantId& tenant : tenants) guarded([&] { (*listener)(tenant); });
}

void Writer::onEvents(EventListener listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::make_shared<const EventListener>(std::move(listener)));
}

int Writer::onCommit(void* log, sqlite3*, const char*, int pages) {
    *static_cast<Log*>(log) = {pages, true};
    return SQLITE_OK;
}

void Writer::checkpointWhenLong() {
    if (log_.pages < kLogPagesBeforeCheckpoint) return;
    // PASSIVE never waits for a reader; what it cannot move now is moved the next time.
    sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    log_.pages = 0;
}

}  // namespace portico::storage
