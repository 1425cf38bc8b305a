// SPDX-License-Identifier: Apache-2.0
// Keeps one plugin running: starts its instance when someone needs it, remembers crashes, rests or quarantines it. One
// thread starts it while others wait for the outcome; no lock is held meanwhile. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/plugin/call_gate.h"
#include "host/plugin/health.h"
#include "host/plugin/instance.h"
#include "host/plugin/restart_policy.h"

namespace portico::plugin {

class Keeper : public std::enable_shared_from_this<Keeper> {
public:
    // Starts an instance or throws.
    using Make = std::function<std::shared_ptr<Instance>(Instance::Observer observer)>;
    Keeper(const manifest::Manifest& manifest, const Clock& clock, Make make, CallGate::Limits calls)
        : manifest_(manifest), clock_(clock), make_(std::move(make)), gate_(manifest.concurrency, calls) {}

    // The running instance, started if need be; nullptr once retired. Throws what starting threw, or Unavailable while
    // it rests.
    std::shared_ptr<Instance> acquire(Deadline deadline);
    // Lets go of the instance (nullptr: none ran), for the caller to end when its last call is over; the next acquire()
    // starts anew. Also forgets crashes and refusal.
    std::shared_ptr<Instance> release();
    // As release(), for good: another keeper has taken its place.
    std::shared_ptr<Instance> retire();

    // How long until it should be started again by itself: after a crash, and only then.
    std::optional<Millis> restartIn();

    // It ran, and may go on or be started again by itself.
    bool inService();

    struct State {
        std::string state, problem;
        Sandbox sandbox;
        Health health;
    };
    State state();
    const manifest::Manifest& manifest() const { return manifest_; }
    // What calls have to pass first; it outlives instances, so a crash does not make room.
    CallGate& gate() { return gate_; }

private:
    std::shared_ptr<Instance> start(std::unique_lock<std::mutex>& lock);
    void check();
    void died(std::uint64_t generation, const std::string& reason);
    void count(std::uint64_t generation, const std::string& reason);
    std::string excess();
    void noteFailure(const std::string& reason);

    const manifest::Manifest& manifest_;
    const Clock& clock_;
    const Make make_;
    CallGate gate_;
    std::mutex mutex_;
    std::condition_variable settled_;
    RestartPolicy policy_;
    std::shared_ptr<Instance> instance_;
    std::uint64_t generation_ = 0;  // of instances
    std::uint64_t counted_ = 0;     // the last one whose death the policy knows: told or noticed, it counts once
    bool starting_ = false;
    bool retired_ = false;
    std::string refusal_;  // why trying again is useless until something changes
    std::string problem_;  // of the last crash
    Health health_;        // since and last failure; the rest is asked of the policy
};

}  // namespace portico::plugin
