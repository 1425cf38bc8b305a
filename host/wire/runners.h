// SPDX-License-Identifier: Apache-2.0
// Who starts runners. The server is confined and may not start programs, so it asks the supervisor: RunnerSource is
// that wish, RunnerHost the part that starts, watches and ends the processes, SupervisedRunners the wish sent over a
// lane, and DirectRunners the wish fulfilled in this process (tests, tools). A runner's death shows as its control lane
// closing.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/base/fd.h"
#include "host/base/ids.h"
#include "host/wire/service.h"

namespace portico::wire {

struct RunnerRequest {
    PluginId plugin;
    int lanes = 1;
    int memory_mib = 256;
    int min_level = 3;    // the runner ends before loading anything when its sandbox stays below
    int library_fd = -1;  // a sealed copy of the verified library; borrowed
};

struct Runner {
    Fd control;
    std::vector<Fd> lanes;
    pid_t pid = -1;
};

// What the kernel says about a runner, whatever the runner says.
struct RunnerFacts {
    bool no_new_privs = false;
    int seccomp = 0;           // 2: filtered
    int filters = 0;           // of the system call filters: loading, running
    std::string capabilities;  // permitted, effective, inheritable, bounding and ambient, hex, all of them together
    int user = 0;              // as the supervisor sees it
    int threads = 0;
    // Only when the supervisor may look (it is root; the runner cannot be dumped): else empty.
    std::vector<std::string>
        shared;  // of "user", "net" and "ipc": the namespaces that the runner has in common with us
    std::vector<int> descriptors;
    bool traced = false;  // a debugger holds it, so silence says nothing

    // What contradicts a runner with that many lanes at that level, in words; empty when nothing does.
    std::string contradiction(int level, int lanes) const;
};

// Thread-safe. Throws Error.
class RunnerSource {
public:
    virtual ~RunnerSource() = default;
    virtual Runner start(const RunnerRequest& request) = 0;
    virtual RunnerFacts facts(pid_t pid) = 0;
    // Ends it at once; one that ended already, or was never ours, is left alone.
    virtual void kill(pid_t pid) = 0;
    // For the processor it now comes last of all (true), or again where runners start (false, where the system allows
    // to take it back).
    virtual void demote(pid_t pid, bool last) = 0;
};

// Starts and reaps from one thread that lives as long as this object: a runner dies with the thread that started it.
// Destroying it ends all of its runners. Thread-safe.
class RunnerHost {
public:
    explicit RunnerHost(std::filesystem::path runner_program);
    ~RunnerHost();
    RunnerHost(const RunnerHost&) = delete;
    RunnerHost& operator=(const RunnerHost&) = delete;

    // fds: control lane, library, call lanes, in this order; borrowed.
    pid_t start(const RunnerRequest& request, const std::vector<int>& fds);
    RunnerFacts facts(pid_t pid);
    void kill(pid_t pid);
    void demote(pid_t pid, bool last);
    // The supervisor's end of SupervisedRunners: answers "runner.start", ".facts", ".kill" and ".demote".
    ServiceReply serve(ServiceRequest& request);

private:
    void run();
    void reap();
    void onThread(std::function<void()> task);

    const std::filesystem::path program_;
    Fd wake_;  // eventfd: tasks wait, or the end
    std::mutex mutex_;
    std::condition_variable done_;
    std::vector<std::function<void()>> tasks_;
    bool ending_ = false;
    std::map<pid_t, Fd> children_;  // by pidfd; touched by the thread alone
    std::thread thread_;
};

class DirectRunners final : public RunnerSource {
public:
    explicit DirectRunners(std::filesystem::path runner_program) : host_(std::move(runner_program)) {}
    Runner start(const RunnerRequest& request) override;
    RunnerFacts facts(pid_t pid) override { return host_.facts(pid); }
    void kill(pid_t pid) override { host_.kill(pid); }
    void demote(pid_t pid, bool last) override { host_.demote(pid, last); }

private:
    RunnerHost host_;
};

class SupervisedRunners final : public RunnerSource {
public:
    explicit SupervisedRunners(ServiceClient& supervisor) : supervisor_(supervisor) {}
    Runner start(const RunnerRequest& request) override;
    RunnerFacts facts(pid_t pid) override;
    void kill(pid_t pid) override;
    void demote(pid_t pid, bool last) override;

private:
    ServiceClient& supervisor_;
};

}  // namespace portico::wire
