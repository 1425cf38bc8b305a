// SPDX-License-Identifier: Apache-2.0
#include "host/wire/runners.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <utility>

#include "host/base/error.h"
#include "host/base/json.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"

namespace portico::wire {
namespace {

constexpr auto kSupervisorTime = Millis(15'000);
constexpr int kFirstLaneFd = 5;            // portico-runner: 0, 1, 2, control, library (closed once loaded), lanes
constexpr int kNice = 10, kNiceLast = 19;  // the runner gives itself the first

// Our ends of a runner's sockets, and the descriptors that it is to inherit.
struct Ends {
    Runner ours;
    std::vector<Fd> theirs;
    std::vector<int> inherited;
};

Ends makeEnds(const RunnerRequest& request) {
    Ends ends;
    auto [control, theirs] = lanePair();
    ends.ours.control = std::move(control);
    ends.inherited = {theirs.get(), request.library_fd};
    ends.theirs.push_back(std::move(theirs));
    for (int i = 0; i < request.lanes; ++i) {
        auto [lane, their_lane] = lanePair();
        ends.ours.lanes.push_back(std::move(lane));
        ends.inherited.push_back(their_lane.get());
        ends.theirs.push_back(std::move(their_lane));
    }
    return ends;
}

std::string field(std::string_view status, std::string_view name) {
    const std::size_t at = status.find("\n" + std::string(name) + ":\t");
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + name.size() + 3;
    return std::string(status.substr(start, status.find('\n', start) - start));
}

int number(const std::string& text) { return text.empty() ? 0 : std::atoi(text.c_str()); }

// The namespaces that both processes are in. Empty when we may not look: then there is nothing to hold against it.
std::vector<std::string> sharedNamespaces(const std::string& folder) {
    std::vector<std::string> shared;
    for (const char* name : {"user", "net", "ipc"}) {
        std::error_code hidden;
        const auto theirs = std::filesystem::read_symlink(folder + "/ns/" + name, hidden);
        if (!hidden && theirs == std::filesystem::read_symlink(std::string("/proc/self/ns/") + name))
            shared.emplace_back(name);
    }
    return shared;
}

std::vector<int> openDescriptors(const std::string& folder) {
    std::vector<int> open;
    std::error_code hidden;
    for (std::filesystem::directory_iterator at(folder + "/fd", hidden), end; !hidden && at != end;
         at.increment(hidden))
        open.push_back(number(at->path().filename()));
    return open;
}

Json listOf(const auto& values) {
    Json list = Json::array();
    for (const auto& value : values) list.push(Json(value));
    return list;
}

}  // namespace

std::string RunnerFacts::contradiction(int level, int lanes) const {
    if (!no_new_privs) return "it could gain privileges (no_new_privs is not set)";
    if (seccomp != 2 || filters == 1) return "its system calls are not filtered";
    if (capabilities.find_first_not_of('0') != std::string::npos) return "it holds capabilities";
    if (user == 0 && ::geteuid() == 0) return "it runs as root";
    if (threads > lanes + 1) return "it has " + std::to_string(threads) + " threads";
    if (level >= 3 && !shared.empty()) return "it shares our " + shared.front() + " namespace";
    for (const int fd : descriptors)
        if (fd == kFirstLaneFd - 1 || fd >= kFirstLaneFd + lanes)
            return "it holds the descriptor " + std::to_string(fd) + ", which nobody gave it";
    return {};
}

RunnerHost::RunnerHost(std::filesystem::path runner_program)
    : program_(std::move(runner_program)), wake_(::eventfd(0, EFD_CLOEXEC)) {
    if (!wake_) throwErrno("make an event descriptor");
    thread_ = std::thread([this] { run(); });
}

RunnerHost::~RunnerHost() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
}

void RunnerHost::run() {
    for (;;) {
        std::vector<pollfd> waiting{{wake_.get(), POLLIN, 0}};
        for (const auto& [pid, fd] : children_) waiting.push_back({fd.get(), POLLIN, 0});
        ::poll(waiting.data(), waiting.size(), -1);
        reap();
        if ((waiting[0].revents & POLLIN) == 0) continue;
        eventfd_t count;
        ::eventfd_read(wake_.get(), &count);
        std::vector<std::function<void()>> tasks;
        {
            const std::lock_guard lock(mutex_);
            tasks.swap(tasks_);
            if (ending_ && tasks.empty()) break;
        }
        for (const auto& task : tasks) task();
        done_.notify_all();
    }
    for (const auto& [pid, fd] : children_) {
        ::syscall(SYS_pidfd_send_signal, fd.get(), SIGKILL, nullptr, 0);
        ::waitpid(pid, nullptr, 0);
    }
}

void RunnerHost::reap() {
    for (auto at = children_.begin(); at != children_.end();)
        at = ::waitpid(at->first, nullptr, WNOHANG) == at->first ? children_.erase(at) : std::next(at);
}

// Runs the task on the thread and waits for it; its exception comes out here.
void RunnerHost::onThread(std::function<void()> task) {
    std::exception_ptr failed;
    bool finished = false;
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back([&, task = std::move(task)] {
            try {
                task();
            } catch (...) {
                failed = std::current_exception();
            }
            const std::lock_guard inner(mutex_);
            finished = true;
        });
    }
    ::eventfd_write(wake_.get(), 1);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return finished; });
    if (failed) std::rethrow_exception(failed);
}

pid_t RunnerHost::start(const RunnerRequest& request, const std::vector<int>& fds) {
    if (fds.size() != static_cast<std::size_t>(request.lanes) + 2)
        throw Error(Code::Invalid, "runner_start", "start a runner: the descriptors do not match its lanes");
    const Program program{program_,
                          {"--lanes", std::to_string(request.lanes), "--memory-mib", std::to_string(request.memory_mib),
                           "--min-level", std::to_string(request.min_level)},
                          fds,
                          {},
                          true,
                          true};
    pid_t pid = -1;
    onThread([&] {
        pid = spawn(program);
        Fd child(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!child) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
            throwErrno("watch the runner of " + request.plugin.str());
        }
        children_.emplace(pid, std::move(child));
    });
    return pid;
}

RunnerFacts RunnerHost::facts(pid_t pid) {
    RunnerFacts facts;
    onThread([&] {
        if (!children_.contains(pid)) throw Error(Code::NotFound, "no_runner", "look at a runner: it has ended");
        const std::string folder = "/proc/" + std::to_string(pid), status = readFile(folder + "/status");
        facts.no_new_privs = field(status, "NoNewPrivs") == "1";
        facts.traced = field(status, "TracerPid") != "0";
        facts.seccomp = number(field(status, "Seccomp"));
        facts.filters = number(field(status, "Seccomp_filters"));  // 0 before Linux 5.9
        for (const char* set : {"CapPrm", "CapEff", "CapInh", "CapBnd", "CapAmb"})
            facts.capabilities += field(status, set);
        facts.user = number(field(status, "Uid"));
        facts.threads = number(field(status, "Threads"));
        facts.shared = sharedNamespaces(folder);
        facts.descriptors = openDescriptors(folder);
        if (facts.capabilities.empty()) throw Error(Code::NotFound, "no_runner", "look at a runner: it has ended");
    });
    return facts;
}

void RunnerHost::kill(pid_t pid) {
    onThread([&] {
        if (const auto at = children_.find(pid); at != children_.end())
            ::syscall(SYS_pidfd_send_signal, at->second.get(), SIGKILL, nullptr, 0);
    });
}

void RunnerHost::demote(pid_t pid, bool last) {
    onThread([&] {
        // Its process group: nice is a thread's, and this reaches all of them.
        if (children_.contains(pid)) ::setpriority(PRIO_PGRP, static_cast<id_t>(pid), last ? kNiceLast : kNice);
    });
}

ServiceReply RunnerHost::serve(ServiceRequest& request) {
    const Json json = Json::parse(request.json);
    if (request.method == "runner.start") {
        const RunnerRequest wanted{PluginId(json.str("plugin")), static_cast<int>(json.integer("lanes")),
                                   static_cast<int>(json.integer("memory_mib")),
                                   static_cast<int>(json.integer("min_level")), -1};
        std::vector<int> fds;
        for (const Fd& fd : request.fds) fds.push_back(fd.get());
        return {Json::object().set("pid", std::int64_t{start(wanted, fds)}).dump(), {}};
    }
    const auto pid = static_cast<pid_t>(json.integer("pid"));
    if (request.method == "runner.facts") {
        const RunnerFacts found = facts(pid);
        return {Json::object()
                    .set("no_new_privs", found.no_new_privs)
                    .set("seccomp", found.seccomp)
                    .set("filters", found.filters)
                    .set("capabilities", found.capabilities)
                    .set("traced", found.traced)
                    .set("user", found.user)
                    .set("threads", found.threads)
                    .set("shared", listOf(found.shared))
                    .set("descriptors", listOf(found.descriptors))
                    .dump(),
                {}};
    }
    if (request.method == "runner.kill") {
        kill(pid);
        return {"{}", {}};
    }
    if (request.method == "runner.demote") {
        demote(pid, json.at("last").boolean());
        return {"{}", {}};
    }
    throw Error(Code::Unsupported, "unknown_method",
                "the supervisor does not know '" + std::string(request.method) + "'");
}

Runner DirectRunners::start(const RunnerRequest& request) {
    Ends ends = makeEnds(request);
    ends.ours.pid = host_.start(request, ends.inherited);
    return std::move(ends.ours);
}

Runner SupervisedRunners::start(const RunnerRequest& request) {
    Ends ends = makeEnds(request);
    const Json wanted = Json::object()
                            .set("plugin", request.plugin.str())
                            .set("lanes", request.lanes)
                            .set("memory_mib", request.memory_mib)
                            .set("min_level", request.min_level);
    const ServiceReply reply =
        supervisor_.call("runner.start", wanted.dump(), {}, Deadline::in(kSupervisorTime), {}, ends.inherited);
    ends.ours.pid = static_cast<pid_t>(Json::parse(reply.json).integer("pid"));
    return std::move(ends.ours);
}

RunnerFacts SupervisedRunners::facts(pid_t pid) {
    const std::string asked = Json::object().set("pid", std::int64_t{pid}).dump();
    const Json reply = Json::parse(supervisor_.call("runner.facts", asked, {}, Deadline::in(kSupervisorTime)).json);
    RunnerFacts facts;
    facts.no_new_privs = reply.at("no_new_privs").boolean();
    facts.seccomp = static_cast<int>(reply.integer("seccomp"));
    facts.filters = static_cast<int>(reply.integer("filters"));
    facts.capabilities = reply.str("capabilities");
    facts.traced = reply.at("traced").boolean();
    facts.user = static_cast<int>(reply.integer("user"));
    facts.threads = static_cast<int>(reply.integer("threads"));
    for (const Json& name : reply.at("shared").items()) facts.shared.push_back(name.str());
    for (const Json& fd : reply.at("descriptors").items()) facts.descriptors.push_back(static_cast<int>(fd.integer()));
    return facts;
}

void SupervisedRunners::demote(pid_t pid, bool last) {
    supervisor_.call("runner.demote", Json::object().set("pid", std::int64_t{pid}).set("last", last).dump(), {},
                     Deadline::in(kSupervisorTime));
}

void SupervisedRunners::kill(pid_t pid) {
    supervisor_.call("runner.kill", Json::object().set("pid", std::int64_t{pid}).dump(), {},
                     Deadline::in(kSupervisorTime));
}

}  // namespace portico::wire
