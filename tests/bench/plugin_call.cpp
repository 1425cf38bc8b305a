// SPDX-License-Identifier: Apache-2.0
// What the sandbox costs per call: a 64-byte action in a real, locked-down runner against a bare 64-byte SEQPACKET
// round trip between two processes, all on one CPU. Prints one JSON line (times in microseconds, medians of 50
// interleaved rounds, so that a noisy machine disturbs both alike). Exit code 1 when the ratio exceeds the goal of 1.8.
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "tests/sandbox/runner_client.h"

using namespace portico;

namespace {

constexpr int kRounds = 50, kCalls = 1000;
constexpr double kGoal = 1.8;

void pinToOneCpu() {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("cannot read the CPU set");
    int first = 0;
    while (!CPU_ISSET(first, &set)) ++first;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("cannot pin to a CPU");
}

// A process that sends every packet back.
class BareEcho {
public:
    BareEcho() {
        const wire::Pair pair = wire::makePair();
        ours_ = pair.ours;
        if (::fork() == 0) {
            ::close(pair.ours);
            char buffer[256];
            for (ssize_t got; (got = ::recv(pair.theirs, buffer, sizeof buffer, 0)) > 0;)
                if (::send(pair.theirs, buffer, static_cast<std::size_t>(got), 0) < 0) break;
            ::_exit(0);
        }
        ::close(pair.theirs);
    }
    ~BareEcho() { ::close(ours_); }
    void roundTrip() {
        char buffer[256] = {};
        if (::send(ours_, buffer, 64, 0) != 64 || ::recv(ours_, buffer, sizeof buffer, 0) != 64)
            throw std::runtime_error("the bare echo ended");
    }

private:
    int ours_;
};

template <class F>
double microseconds(F&& once) {
    const std::int64_t start = wire::nowNs();
    for (int i = 0; i < kCalls; ++i) once();
    return static_cast<double>(wire::nowNs() - start) / 1000.0 / kCalls;
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + kRounds / 2, values.end());
    return values[kRounds / 2];
}

}  // namespace

int main() {
    try {
        pinToOneCpu();
        BareEcho echo;
        tests::RunnerClient runner({.library = CONFORMANCE_PLUGIN});
        const wire::Hello hello = runner.hello();
        if (runner.create() != PORTICO_OK) throw std::runtime_error("the plugin does not start: " + hello.problem);
        const std::string arguments(64, 'a');
        std::string result;
        std::vector<double> bare, call;
        for (int round = 0; round < kRounds; ++round) {
            bare.push_back(microseconds([&] { echo.roundTrip(); }));
            call.push_back(microseconds([&] { runner.invoke("echo", arguments, result); }));
            if (result != arguments) throw std::runtime_error("the echo came back changed");
        }
        const double ratio = median(call) / median(bare);
        std::printf(
            "{\"bench\":\"plugin_call\",\"level\":%d,\"bare_us\":%.2f,\"call_us\":%.2f,\"ratio\":%.2f,\"goal\":%.1f}\n",
            hello.level, median(bare), median(call), ratio, kGoal);
        return ratio <= kGoal ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
