// SPDX-License-Identifier: Apache-2.0
// portico-runner: loads one plugin into a process that can do nothing but talk to the host over its lanes.
//   portico-runner --lanes N --memory-mib M --min-level 0..3
// Inherited: 3 = control lane, 4 = sealed memory file of the verified library, 5.. = N call lanes. Everything else is
// closed. The order of the steps in lockDown() is the point of this program; see each.
// Threads: main (control lane) and one per lane, all made before the plugin's code first runs. Ends when the host
// closes the control lane. Exit codes: 0 asked to end, 2 wrong use, 3 refused to start, 4 a lane broke the protocol.
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <latch>
#include <memory>

#include "host/runner/confine.h"
#include "host/runner/filter.h"
#include "host/runner/instance.h"

namespace {

using namespace portico;
using namespace portico::runner;

constexpr int kControlFd = 3, kLibraryFd = 4, kFirstLaneFd = 5, kMaxLanes = 32;
constexpr std::size_t kStackSize = 1u << 20;

struct Options {
    int lanes = 0, memory_mib = 0, min_level = 3;
};

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const int value = std::atoi(argv[i + 1]);
        if (std::strcmp(argv[i], "--lanes") == 0)
            options.lanes = value;
        else if (std::strcmp(argv[i], "--memory-mib") == 0)
            options.memory_mib = value;
        else if (std::strcmp(argv[i], "--min-level") == 0)
            options.min_level = value;
        else
            return false;
    }
    return argc % 2 == 1 && options.lanes >= 1 && options.lanes <= kMaxLanes && options.memory_mib >= 16 &&
           options.min_level >= 0 && options.min_level <= 3;
}

struct Worker {
    Worker(int fd, Instance& instance, std::latch& go) : lane(fd), server(instance), start(go) {}
    wire::Lane lane;
    LaneServer server;
    std::latch& start;
};

void* work(void* argument) {
    auto* worker = static_cast<Worker*>(argument);
    worker->start.wait();
    try {
        worker->lane.serve(worker->server);
    } catch (const std::exception&) {
        ::_exit(4);  // the host sees its lane close
    }
    return nullptr;
}

void startThread(Worker& worker) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackSize);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    const int error = pthread_create(&thread, &attributes, &work, &worker);
    pthread_attr_destroy(&attributes);
    if (error != 0) throw Error(Code::Internal, "threads", std::string("start a worker: ") + std::strerror(error));
}

int level(const Confinement& confinement) { return confinement.namespaces && confinement.landlock ? 3 : 2; }

void describe(const Confinement& confinement, wire::Hello& hello) {
    hello.level = level(confinement);
    hello.landlock_abi = confinement.landlock_abi;
    for (const std::string& line : confinement.missing) hello.missing += line + "\n";
}

// Everything that must happen while there is one thread and none of the plugin's code. What was refused is in `hello`
// even when it throws.
void lockDown(const Options& options, wire::Hello& hello) {
    closeFrom(kFirstLaneFd + options.lanes);
    dropIdentity();
    limitResources(options.memory_mib, kFirstLaneFd + options.lanes);
    Confinement confinement;
    isolate(confinement, options.lanes);
    restrictFiles(confinement);
    describe(confinement, hello);
    if (hello.level < options.min_level)
        throw Error(
            Code::Denied, "sandbox_level",
            "the sandbox reached level " + std::to_string(hello.level) + " of " + std::to_string(options.min_level));
}

[[noreturn]] void control(wire::ControlLane& lane, std::deque<Worker>& workers) {
    for (;;) {
        wire::Frame frame;
        switch (lane.receive(frame, -1)) {
            case wire::ControlLane::Got::Closed: ::_exit(0);
            case wire::ControlLane::Got::Nothing: continue;
            case wire::ControlLane::Got::Frame: break;
        }
        if (frame.kind == wire::Kind::Ping)
            lane.send(wire::Kind::Pong, frame.number);
        else if (frame.kind == wire::Kind::Shutdown)
            ::_exit(0);
        else if (frame.kind == wire::Kind::Cancel)
            for (Worker& worker : workers) worker.server.cancel(static_cast<std::uint64_t>(frame.number));
    }
}

int run(const Options& options) {
    wire::ControlLane lane(kControlFd);
    wire::Hello hello;
    hello.build = wire::buildId();
    Instance instance(lane);
    std::latch go(1);
    std::deque<Worker> workers;  // a deque keeps its elements where they are
    try {
        Filter loading(Filter::Stage::Loading), running(Filter::Stage::Running);
        lockDown(options, hello);
        loading.install();
        for (int i = 0; i < options.lanes; ++i) startThread(workers.emplace_back(kFirstLaneFd + i, instance, go));
        instance.load(kLibraryFd);
        ::close(kLibraryFd);
        running.install();
    } catch (const Error& error) {
        hello.problem = error.what();
        lane.send(wire::Kind::Hello, 0, wire::encodeHello(hello));
        ::_exit(3);
    }
    ::malloc_trim(0);  // building the filters took 100 KiB that nobody needs again
    const portico_entry& entry = instance.entry();
    hello.plugin = wire::view(entry.id);
    hello.version = wire::view(entry.version);
    hello.minor_built = entry.minor_built;
    hello.minor_required = entry.minor_required;
    lane.send(wire::Kind::Hello, 0, wire::encodeHello(hello));
    go.count_down();
    control(lane, workers);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fputs("usage: portico-runner --lanes 1..32 --memory-mib 16.. --min-level 0..3\n", stderr);
        return 2;
    }
    return run(options);
}
