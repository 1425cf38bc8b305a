// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/keeper.h"

#include <utility>

#include "host/base/log.h"

namespace portico::plugin {

std::shared_ptr<Instance> Keeper::acquire(Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!settled_.wait_for(lock, deadline.left(), [this] { return !starting_; }))
        throw Error(Code::Deadline, "busy", "start the plugin " + manifest_.id.str() + ": it was not ready in time");
    if (retired_) return nullptr;
    if (instance_ && instance_->alive()) return instance_;
    if (instance_) count(generation_, instance_->ending());
    check();
    return start(lock);
}

// Throws when it may not start now.
void Keeper::check() {
    if (!refusal_.empty()) throw Error(Code::Denied, "plugin_refused", refusal_);
    if (policy_.quarantined())
        throw Error(Code::Unavailable, "plugin_quarantined",
                    "the plugin " + manifest_.id.str() + " crashed " + std::to_string(RestartPolicy::kQuarantineAfter) +
                        " times in ten minutes and is switched off until an "
                        "admin enables it again (last: " +
                        problem_ + ")");
    if (const Millis pause = policy_.pause(clock_.now()); pause > Millis(0))
        throw Error(Code::Unavailable, "plugin_resting",
                    "the plugin " + manifest_.id.str() + " crashed and starts again in a moment (" + problem_ + ")",
                    pause.count());
}

std::shared_ptr<Instance> Keeper::start(std::unique_lock<std::mutex>& lock) {
    starting_ = true;
    const std::uint64_t generation = ++generation_;
    std::shared_ptr<Instance> dead = std::move(instance_);
    lock.unlock();
    dead.reset();  // joins its threads, so not under the lock
    std::shared_ptr<Instance> made;
    std::exception_ptr failed;
    try {
        made = make_({.died =
                          [weak = weak_from_this(), generation](const std::string& reason) {
                              if (const auto self = weak.lock()) self->died(generation, reason);
                          },
                      .computed =
                          [weak = weak_from_this()](std::int64_t ns) {
                              if (const auto self = weak.lock()) self->gate_.computed(ns, self->clock_.now());
                          }});
    } catch (...) {
        failed = std::current_exception();
    }
    lock.lock();
    starting_ = false;
    settled_.notify_all();
    if (!failed) {
        instance_ = made;
        problem_.clear();
        health_.since = clock_.now();
        return made;
    }
    try {
        std::rethrow_exception(failed);
    } catch (const Error& error) {
        problem_ = error.what();
        noteFailure(error.what());
        if (error.code() == Code::Denied)
            refusal_ = error.what();
        else
            count(generation, error.what());
        log::error("plugin.start_failed", {{"plugin", manifest_.id.str()}, {"error", error.forLog()}});
        throw;
    }
}

void Keeper::died(std::uint64_t generation, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    count(generation, reason);
    log::error(
        "plugin.crashed",
        {{"plugin", manifest_.id.str()}, {"reason", reason}, {"quarantined", policy_.quarantined() ? "yes" : "no"}});
}

void Keeper::count(std::uint64_t generation, const std::string& reason) {
    if (generation <= counted_) return;
    counted_ = generation;
    policy_.crashed(clock_.now());
    problem_ = reason;
    noteFailure(reason);
}

void Keeper::noteFailure(const std::string& reason) {
    health_.since = health_.last_failure_at = clock_.now();
    health_.last_failure = reason;
}

std::shared_ptr<Instance> Keeper::release() {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return !starting_; });
    counted_ = generation_;  // a death that is noticed only now is forgotten, too
    policy_.release();
    refusal_.clear();
    problem_.clear();
    health_.since = clock_.now();
    return std::exchange(instance_, nullptr);
}

std::shared_ptr<Instance> Keeper::retire() {
    {
        const std::lock_guard lock(mutex_);
        retired_ = true;
    }
    return release();
}

std::optional<Millis> Keeper::restartIn() {
    const std::lock_guard lock(mutex_);
    const bool crashed =
        generation_ > 0 && !starting_ && !retired_ && !problem_.empty() && !(instance_ && instance_->alive());
    if (!crashed || !refusal_.empty() || policy_.quarantined()) return std::nullopt;
    return policy_.pause(clock_.now());
}

bool Keeper::inService() {
    const std::lock_guard lock(mutex_);
    return generation_ > 0 && refusal_.empty() && !policy_.quarantined();
}

// What it takes too much of, in words; empty when nothing.
std::string Keeper::excess() {
    if (const Millis debt = gate_.overdrawn(clock_.now()); debt > Millis(0))
        return "it computed more than its share of a processor and rests for " +
               std::to_string(std::chrono::ceil<std::chrono::seconds>(debt).count()) + " s";
    return instance_->hungry() ? "it computes without pause and comes last for the processor" : "";
}

Keeper::State Keeper::state() {
    const std::lock_guard lock(mutex_);
    Health health = health_;
    health.crashes = policy_.recent(clock_.now());
    if (starting_) return {"starting", "", {}, health};
    if (instance_ && instance_->alive()) return {"running", excess(), instance_->sandbox(), health};
    if (!refusal_.empty()) return {"refused", refusal_, {}, health};
    if (policy_.quarantined()) return {"quarantined", problem_, {}, health};
    if (!problem_.empty()) health.next_try_at = clock_.now() + policy_.pause(clock_.now());
    return {"stopped", instance_ ? instance_->ending() : problem_, {}, health};
}

}  // namespace portico::plugin
