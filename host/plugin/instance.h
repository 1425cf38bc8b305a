// SPDX-License-Identifier: Apache-2.0
// One running plugin: its runner's lanes, its control lane, what it offers. Made in one go (start, hello, checks,
// create, start); after that any thread may call into it. Once dead it stays dead; whoever supervises makes a new one.
// Threads: its own control thread (heartbeat, log lines, death); callers use lanes of the pool.
// Invariant: nothing the runner says of itself is believed where the kernel or the manifest can be asked instead.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/plugin/call_gate.h"
#include "host/plugin/host_call.h"
#include "host/plugin/pace.h"
#include "host/plugin/processor.h"
#include "host/plugin/tables.h"
#include "host/wire/core/host_server.h"
#include "host/wire/lane_pool.h"
#include "host/wire/runners.h"

namespace portico::plugin {

// What the sandbox of a running plugin is worth.
struct Sandbox {
    int level = 0, min_level = 3, landlock_abi = 0;
    std::string missing;  // why the level is not higher; empty when it is
};

class Instance {
public:
    struct Options {
        int min_level = 3;
        Millis start_time{20'000};
        Millis heartbeat{5'000};                     // between signs of life
        Millis silent{15'000};                       // without one: it is ended
        std::optional<CallGate::Limits> calls = {};  // instead of the manifest's; a test's clock may stand still
    };
    // Called from the control thread.
    struct Observer {
        std::function<void(const std::string& reason)> died;  // once, unless this object was being destroyed
        std::function<void(std::int64_t ns)> computed;        // used so much of the processor since the last time
    };

    // Throws Error: Denied for what will not change by trying again (level, identity, library), else Unavailable or
    // what the plugin's create or start reported.
    // `library`: its sealed copy, borrowed while starting.
    Instance(const manifest::Manifest& manifest, const HostServices& services, wire::RunnerSource& source,
             const Fd& library, Options options, Observer observer);
    // Stops the plugin politely when it is still alive (short deadline), then ends its runner.
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    bool alive() const noexcept { return !dead_; }
    // Why it ended, in words; "" while it lives.
    std::string ending() const;
    // It computes so much that it comes last for the processor (Processor).
    bool hungry() const noexcept { return hungry_; }
    const Sandbox& sandbox() const { return sandbox_; }
    pid_t pid() const { return runner_pid_; }

    // Calls f(tables, const portico_call*) with a lane of its own and returns normally only when it gave PORTICO_OK.
    // `running`: by whom it can be ended; nullptr for start and stop. Throws the plugin's failure, Deadline when no
    // lane came free, Unavailable when the plugin died or was ended because it ignored deadline and cancel.
    using Function = std::function<portico_status(const wire::PluginTables&, const portico_call*)>;
    void call(const CallScope& scope, RunningCall* running, std::uint64_t settings_revision, const Function& function);

private:
    void meet(const Options& options);
    static CallScope setupScope(Deadline deadline);
    void create(Deadline deadline);
    void lifecycle(bool start, Deadline deadline);
    void watch();
    void onFrame(const wire::Frame& frame);
    void end(const std::string& reason) noexcept;
    void watchProcessor(std::int64_t now_ns);

    const Options options_;
    const manifest::Manifest& manifest_;
    const HostServices& services_;
    wire::RunnerSource& source_;
    const wire::HostTables host_tables_;
    const Observer observer_;
    std::unique_ptr<wire::ControlLane> control_;
    std::unique_ptr<wire::LanePool> lanes_;
    pid_t runner_pid_ = -1;
    Sandbox sandbox_;
    wire::PluginTables tables_;
    std::atomic<bool> dead_{false};
    std::atomic<bool> destroying_{false};
    mutable std::mutex ending_mutex_;
    std::string ending_;  // guarded by ending_mutex_
    Pace pace_;
    std::atomic<bool> hungry_{false};
    // The watcher's own:
    std::int64_t last_pong_ns_ = 0;
    std::int64_t frames_second_ = 0;  // the second in which frames_ were counted
    int frames_ = 0;
    Processor processor_;
    std::int64_t processor_used_ns_ = 0;
    std::thread watcher_;
};

}  // namespace portico::plugin
