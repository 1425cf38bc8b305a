// SPDX-License-Identifier: Apache-2.0
// Real runners that a test can look at: which were started, and which of them live. Thread-safe.
#pragma once

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "host/wire/runners.h"

namespace portico::tests {

class LiveRunners final : public wire::RunnerSource {
public:
    wire::Runner start(const wire::RunnerRequest& request) override {
        wire::Runner runner = runners_.start(request);
        const std::lock_guard lock(mutex_);
        pids_.push_back(runner.pid);
        return runner;
    }
    wire::RunnerFacts facts(pid_t pid) override { return runners_.facts(pid); }
    void kill(pid_t pid) override { runners_.kill(pid); }

    std::vector<pid_t> started() {
        const std::lock_guard lock(mutex_);
        return pids_;
    }
    std::vector<pid_t> alive() {
        std::vector<pid_t> all = started();
        std::erase_if(all, [](pid_t pid) { return ::kill(pid, 0) != 0; });
        return all;
    }

private:
    wire::DirectRunners runners_{PORTICO_RUNNER};
    std::mutex mutex_;
    std::vector<pid_t> pids_;
};

// A number of /proc/PID/status in KiB: VmHWM is the most that was ever resident. pid 0: this process.
inline long statusKib(pid_t pid, const std::string& name) {
    std::ifstream status("/proc/" + (pid == 0 ? "self" : std::to_string(pid)) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    return -1;
}
// From here on VmHWM of this process counts anew.
inline void resetPeak() { std::ofstream("/proc/self/clear_refs") << 5; }

}  // namespace portico::tests
