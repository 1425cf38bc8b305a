// SPDX-License-Identifier: Apache-2.0
// Runners that are threads of this process around the plugin entry linked into it. Thread-safe like every RunnerSource.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <thread>

#include "host/runner/instance.h"
#include "host/wire/runners.h"
#include "host/wire/service_server.h"

namespace portico::tests {

// A library that loads nowhere here, but is well-formed and names a version (five characters).
inline std::string libraryOf(const std::string& version) {
    return readFile(LOADABLE_LIBRARY) + "## version " + version;
}

class ThreadRunners final : public wire::RunnerSource {
public:
    ~ThreadRunners() override {
        for (Running& running : running_) running.stop();
    }

    wire::Runner start(const wire::RunnerRequest& request) override {
        wire::Runner ours;
        const std::lock_guard lock(mutex_);
        Running& running = running_.emplace_back();
        auto [control, their_control] = wire::lanePair();
        ours.control = std::move(control);
        running.control = std::make_unique<wire::ControlLane>(their_control.release());
        running.instance = std::make_unique<runner::Instance>(*running.control);
        running.instance->use(portico_plugin_entry_1());
        for (int i = 0; i < request.lanes; ++i) {
            auto [lane, theirs] = wire::lanePair();
            ours.lanes.push_back(std::move(lane));
            running.lanes.push_back(std::make_unique<wire::Lane>(theirs.release()));
            auto& server = running.servers.emplace_back(*running.instance);
            running.threads.emplace_back([&lane = *running.lanes.back(), &server] {
                try {
                    lane.serve(server);
                } catch (const std::exception&) {
                    // The host sees its lane close.
                }
            });
        }
        wire::Hello said = hello;
        said.build = wire::buildId();
        if (hello.version.empty()) said.version = versionIn(request.library_fd);
        running.control->send(wire::Kind::Hello, 0, wire::encodeHello(said));
        running.threads.emplace_back([&running] { running.serveControl(); });
        ours.pid = ++started;
        return ours;
    }
    wire::RunnerFacts facts(pid_t) override { return {true, 2, confined ? "0000" : "0001"}; }
    // Threads cannot be killed; closing their sockets is what the host notices of a death.
    void kill(pid_t pid) override {
        const std::lock_guard lock(mutex_);
        if (pid < 1 || static_cast<std::size_t>(pid) > running_.size()) return;
        std::next(running_.begin(), pid - 1)->close();
    }

    // An empty version stands for the one that the library names.
    wire::Hello hello{{}, "conformance", "1.0.0", 0, 0, 3, 7, "", ""};
    std::atomic<bool> confined{true};
    std::atomic<int> started{0};

    // How many have not ended.
    int running() {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(
            std::count_if(running_.begin(), running_.end(), [](const Running& each) { return !each.ended; }));
    }

private:
    // What follows the library itself, as libraryOf() writes it.
    static std::string versionIn(int library) {
        std::string version(5, '\0');
        const auto size = static_cast<ssize_t>(version.size());
        const ssize_t got = ::pread(library, version.data(), version.size(), ::lseek(library, 0, SEEK_END) - size);
        return got == size ? version : "";
    }

    struct Running {
        void close() {
            ::shutdown(control->fd(), SHUT_RDWR);
            for (const auto& lane : lanes) ::shutdown(lane->fd(), SHUT_RDWR);
        }
        void stop() {
            close();
            for (std::thread& thread : threads) thread.join();
        }
        void serveControl() {
            wire::Frame frame;
            for (;;) {
                const auto got = control->receive(frame, -1);
                if (got == wire::ControlLane::Got::Closed ||
                    (got == wire::ControlLane::Got::Frame && frame.kind == wire::Kind::Shutdown))
                    break;
                if (got != wire::ControlLane::Got::Frame) continue;
                if (frame.kind == wire::Kind::Ping) control->send(wire::Kind::Pong, frame.number);
                if (frame.kind == wire::Kind::Cancel)
                    for (auto& server : servers) server.cancel(static_cast<std::uint64_t>(frame.number));
            }
            ended = true;
        }
        std::atomic<bool> ended{false};
        std::unique_ptr<wire::ControlLane> control;
        std::unique_ptr<runner::Instance> instance;
        std::vector<std::unique_ptr<wire::Lane>> lanes;
        std::list<runner::LaneServer> servers;
        std::list<std::thread> threads;
    };
    std::mutex mutex_;
    std::list<Running> running_;
};

}  // namespace portico::tests
