// SPDX-License-Identifier: Apache-2.0
// What a runner costs before it does anything: from the wish to start it to the answer of its first call (spawn, lock
// down, load, create, start, call), and the memory that is its own while it idles after that call, beside one other
// runner (Portico never runs fewer than four; what they share is nobody's own) and without one. Prints one JSON line:
// milliseconds, and KiB of Private_Clean + Private_Dirty (-1 when the kernel lets only root look at a process that may
// not be dumped). Exit code 1 when a goal is missed.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/sandbox/runner_client.h"

using namespace portico;

namespace {

constexpr int kStarts = 300;
constexpr double kGoalMs = 5.0, kGoalKib = 512;

long privateKib(pid_t pid) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    long sum = 0, found = 0;
    for (std::string line; std::getline(rollup, line);) {
        std::istringstream words(line);
        std::string name;
        long kib = 0;
        words >> name >> kib;
        if (name == "Private_Clean:" || name == "Private_Dirty:") sum += kib, ++found;
    }
    return found == 2 ? sum : -1;
}

class Started {
public:
    Started() : runner_({.library = CONFORMANCE_PLUGIN}) {
        std::string result;
        const wire::Hello hello = runner_.hello();
        if (runner_.create() != PORTICO_OK || runner_.invoke("echo", "{}", result) != PORTICO_OK)
            throw std::runtime_error("the plugin does not start: " + hello.problem);
    }
    long privateMemory() const { return privateKib(runner_.pid()); }

private:
    tests::RunnerClient runner_;
};

double startMs() {
    const std::int64_t before = wire::nowNs();
    const Started started;  // ends after the clock is read
    return static_cast<double>(wire::nowNs() - before) / 1e6;
}

}  // namespace

int main() {
    try {
        std::vector<double> starts;
        for (int i = 0; i < kStarts; ++i) starts.push_back(startMs());
        std::sort(starts.begin(), starts.end());
        const double p50 = starts[kStarts / 2];
        const Started one;
        const long alone = one.privateMemory();
        const Started other;
        const long beside = one.privateMemory();
        std::printf(
            "{\"bench\":\"runner_start\",\"p50_ms\":%.2f,\"p95_ms\":%.2f,\"longest_ms\":%.2f,\"goal_ms\":%.1f,"
            "\"private_kib\":%ld,\"private_alone_kib\":%ld,\"goal_kib\":%.0f}\n",
            p50, starts[kStarts * 95 / 100], starts.back(), kGoalMs, beside, alone, kGoalKib);
        return p50 <= kGoalMs && static_cast<double>(beside) <= kGoalKib ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
