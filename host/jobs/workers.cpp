// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/workers.h"

#include <pthread.h>

#include <algorithm>

#include "host/base/log.h"

namespace portico::jobs {
namespace {

constexpr Millis kLongestSleep = std::chrono::seconds(30);
constexpr Millis kSetBack = std::chrono::minutes(1);  // less is not worth the while
constexpr const char* kWhy = "workers serve every tenant";

}  // namespace

bool Run::stopping() const { return workers_.stopping(); }

Workers::Workers(storage::Database& database, const Clock& clock, Options options)
    : database_(database), clock_(clock), options_(options) {}

Workers::~Workers() { stop(); }

void Workers::handle(const std::string& kind, Handler handler) {
    if (!threads_.empty()) throw Error(Code::Internal, "job_kind", "set a handler after the workers have started");
    handlers_[kind] = std::move(handler);
    kinds_.push_back(kind);
}

std::string Workers::enqueue(storage::Tx& tx, const NewJob& job) {
    tx.afterCommit([this] { wake(); });
    return put(tx, job, clock_.now());
}

void Workers::schedule(storage::Tx& tx, const Schedule& schedule) {
    tx.afterCommit([this] { wake(); });
    setSchedule(tx, schedule, clock_.now());
}

void Workers::start() {
    database_.writeSystem(kWhy, [](storage::SystemTx& tx) { releaseAll(tx); });
    for (int i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this, i] {
            pthread_setname_np(pthread_self(), ("job-" + std::to_string(i)).c_str());
            work();
        });
    threads_.emplace_back([this] {
        pthread_setname_np(pthread_self(), "job-leases");
        keepLeases();
    });
}

void Workers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Workers::wake() {
    {
        const std::lock_guard lock(mutex_);
        ++wakes_;
    }
    changed_.notify_all();
}

int Workers::runDue() {
    int runs = 0;
    while (const std::optional<Job> job = take()) {
        run(*job);
        ++runs;
    }
    return runs;
}

void Workers::work() {
    while (!stopping_) {
        std::uint64_t seen = 0;
        {
            const std::lock_guard lock(mutex_);
            seen = wakes_;
        }
        try {
            if (const std::optional<Job> job = take()) {
                run(*job);
                continue;
            }
        } catch (...) {
            log::error("jobs.worker_failed", {{"error", currentError().what()}});
        }
        const Millis sleep = untilNextDue();
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, sleep, [&] { return stopping_ || wakes_ != seen; });
    }
}

std::optional<Job> Workers::take() {
    const Instant now = clock_.now();
    followClock(now);
    if (!database_.readSystem(kWhy, [&](storage::SystemTx& tx) { return somethingDue(tx, kinds_, now); }))
        return std::nullopt;
    std::optional<Job> job = database_.writeSystem(kWhy, [&](storage::SystemTx& tx) {
        releaseExpired(tx, now);
        return claim(tx, kinds_, now, options_.lease);
    });
    if (job) {
        const std::lock_guard lock(mutex_);
        running_.emplace(job->lease, *job);
    }
    return job;
}

// A clock that jumps forward only makes things due; one that is set back would make them wait as long again.
void Workers::followClock(Instant now) {
    Millis back{0};
    {
        const std::lock_guard lock(mutex_);
        back = latest_ - now;
        if (back < kSetBack) back = Millis(0);
        if (now > latest_ || back.count() > 0) latest_ = now;
    }
    if (back.count() == 0) return;
    log::warning("jobs.clock_set_back", {{"seconds", std::to_string(back.count() / 1000)}});
    database_.writeSystem(kWhy, [&](storage::SystemTx& tx) { moveBack(tx, back); });
}

Millis Workers::untilNextDue() {
    try {
        const auto next = database_.readSystem(kWhy, [](storage::SystemTx& tx) { return nextDue(tx); });
        if (!next) return kLongestSleep;
        // Due already and not taken: its key is busy, and whoever runs it wakes us when done.
        if (*next <= clock_.now()) return std::chrono::seconds(1);
        return std::min(kLongestSleep, *next - clock_.now() + Millis(1));
    } catch (const Error& error) {
        log::error("jobs.worker_failed", {{"error", error.what()}});
        return std::chrono::seconds(1);
    }
}

void Workers::run(const Job& job) {
    std::optional<Error> failure;
    try {
        CallContext context = CallContext::system(job.tenant, "job:" + job.kind);
        context.deadline = Deadline::in(options_.longest_run);
        context.given_up = [this] { return stopping_.load(); };
        handlers_.at(job.kind)(Run(job, context, *this));
    } catch (...) {
        failure = currentError();
    }
    {
        const std::lock_guard lock(mutex_);
        running_.erase(job.lease);
    }
    settle(job, failure);
    wake();  // the next one with this key may start
}

void Workers::settle(const Job& job, const std::optional<Error>& error) {
    const Instant now = clock_.now();
    const bool ours = database_.writeSystem(kWhy, [&](storage::SystemTx& tx) {
        if (!error) return finish(tx, job);
        if (error->code() == Code::Cancelled && stopping_) return giveBack(tx, job);
        return fail(tx, job, *error, now);
    });
    if (!ours) log::warning("jobs.lease_lost", {{"job", job.id}, {"kind", job.kind}});
    if (error)
        log::warning("jobs.failed", {{"job", job.id},
                                     {"kind", job.kind},
                                     {"tenant", job.tenant.str()},
                                     {"attempt", std::to_string(job.attempts)},
                                     {"reason", error->reason()},
                                     {"error", error->forLog()}});
}

void Workers::keepLeases() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait_for(lock, options_.lease / 3, [&] { return stopping_.load(); });
        const std::map<std::string, Job> running = running_;
        if (running.empty()) continue;
        lock.unlock();
        try {
            database_.writeSystem(kWhy, [&](storage::SystemTx& tx) {
                for (const auto& [lease, job] : running) renew(tx, job, clock_.now() + options_.lease);
            });
        } catch (const Error& error) {
            log::error("jobs.renew_failed", {{"error", error.what()}});
        }
        lock.lock();
    }
}

}  // namespace portico::jobs
