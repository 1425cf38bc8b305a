// SPDX-License-Identifier: Apache-2.0
#include "host/main/supervisor.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::app {
namespace {

constexpr int kFirstPauseMs = 250, kLongestPauseMs = 30'000;
constexpr std::int64_t kHealthyNs = 60'000'000'000;
constexpr int kServerGraceMs = 20'000, kVaultGraceMs = 5'000;

// Signals become readable here and nowhere else; children get a clean mask back (process.cpp).
Fd signalsOf(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) throwErrno("block signals");
    Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) throwErrno("watch signals");
    return fd;
}

std::string describe(int status) {
    if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
    return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Supervisor::Supervisor(Options options)
    : options_(std::move(options)),
      signals_(signalsOf({SIGTERM, SIGINT})),
      folder_(std::filesystem::read_symlink("/proc/self/exe").parent_path()),
      runners_(folder_ / "portico-runner") {}

Supervisor::~Supervisor() { stopAll(); }

int Supervisor::run() {
    startVault();
    startServer();
    while (!stopping_) {
        pollfd wait[] = {{signals_.get(), POLLIN, 0},
                         {vault_.child.exited.get(), POLLIN, 0},  // a negative descriptor is passed over
                         {server_.child.exited.get(), POLLIN, 0}};
        poll(wait, std::size(wait), nextPauseMs());
        if (wait[0].revents != 0) break;
        if (wait[1].revents != 0) noticeEnd(vault_);
        if (wait[2].revents != 0) noticeEnd(server_);
        restartDue();
    }
    stopAll();
    return exit_code_;
}

void Supervisor::startVault() {
    auto [ours, theirs] = wire::lanePair();
    wire::Program program;
    program.path = folder_ / "portico-vault";
    program.fds = {theirs.get()};
    program.arguments = {"--data",      (options_.data / "vault").string(),
                         "--config",    options_.configuration_file.string(),
                         "--plugins",   options_.configuration.get("plugins.directory"),
                         "--installed", options_.configuration.installedPlugins().string(),
                         "--keys",      options_.configuration.get("plugins.keys"),
                         "--control",   "3",
                         "--log-level", options_.configuration.get("log.level")};
    if (options_.passphrase) {
        program.fds.push_back(options_.passphrase.get());
        program.arguments.insert(program.arguments.end(), {"--passphrase-fd", "4"});
    } else if (options_.configuration.has("vault.passphrase_file")) {
        program.arguments.insert(program.arguments.end(),
                                 {"--passphrase-file", options_.configuration.get("vault.passphrase_file")});
    }
    vault_.started_ns = monotonicNs();
    vault_.restart_ns = 0;
    vault_.child = start(program);
    std::vector<Fd> lanes;
    lanes.push_back(std::move(ours));
    const std::lock_guard lock(mutex_);
    vault_control_ = std::make_unique<wire::ServiceClient>(std::move(lanes));
}

void Supervisor::startServer() {
    auto [ours, theirs] = wire::lanePair();
    wire::Program program;
    program.path = folder_ / "portico-server";
    // Whoever comes back later finds everything prepared: the demo's password, for one, ends sessions when it is set.
    if (!ready_) program.environment = options_.server_environment;
    program.fds = {theirs.get(), options_.listener.get()};
    program.arguments = {"--config", options_.configuration_file.string(), "--control", "3", "--listener", "4"};
    server_.started_ns = monotonicNs();
    server_.restart_ns = 0;
    server_.child = start(program);
    theirs.reset();
    server_control_ = std::make_unique<wire::ServiceServer>(
        [this](wire::ServiceRequest& request, wire::ServicePeer&) { return handle(request); }, true);
    server_control_->add(std::move(ours));
}

wire::ServiceReply Supervisor::handle(wire::ServiceRequest& request) {
    if (request.method.starts_with("runner.")) return runners_.serve(request);
    if (request.method == "vault.lanes") {
        passLanes(request.fds);
        return {"{}", ""};
    }
    if (request.method == "ready") {
        const Json ready = Json::parse(request.json);
        const std::lock_guard lock(mutex_);
        if (!ready_ && options_.on_ready) options_.on_ready(ready);
        ready_ = true;
        return {"{}", ""};
    }
    throw Error(Code::Unsupported, "unknown_method",
                "the supervisor has no method '" + std::string(request.method) + "'");
}

void Supervisor::passLanes(std::vector<Fd>& lanes) {
    std::vector<int> fds;
    for (const Fd& lane : lanes) fds.push_back(lane.get());
    const std::lock_guard lock(mutex_);
    if (!vault_control_) throw Error(Code::Unavailable, "vault_restarting", "the vault is being restarted", 500);
    // Given up rather than timed out: a vault that only hangs can still be spoken to afterwards.
    const Deadline patience = Deadline::in(Millis(5000));
    vault_control_->call("lanes.add", "{}", {}, Deadline::never(), {}, fds, [&] { return patience.passed(); });
}

void Supervisor::noticeEnd(Service& service) {
    const int status = waitFor(service.child, 0).value_or(0);
    service.child = {};
    const std::lock_guard lock(mutex_);
    if (&service == &vault_) vault_control_.reset();
    if (!ready_) {  // it said why on standard error; trying again would only say it again
        stopping_ = true;
        exit_code_ = WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1;
        return;
    }
    const std::int64_t now = monotonicNs();
    service.failures = now - service.started_ns > kHealthyNs ? 0 : service.failures + 1;
    const int pause = std::min(kFirstPauseMs << std::min(service.failures, 10), kLongestPauseMs);
    service.restart_ns = now + static_cast<std::int64_t>(pause) * 1'000'000;
    log::error("supervisor.child_ended",
               {{"program", service.name}, {"how", describe(status)}, {"restart_in_ms", std::to_string(pause)}});
}

void Supervisor::restartDue() {
    const std::int64_t now = monotonicNs();
    if (vault_.restart_ns != 0 && vault_.restart_ns <= now) startVault();
    if (server_.restart_ns != 0 && server_.restart_ns <= now) startServer();
}

int Supervisor::nextPauseMs() const {
    std::int64_t next = 0;
    for (const std::int64_t due : {vault_.restart_ns, server_.restart_ns})
        if (due != 0) next = next == 0 ? due : std::min(next, due);
    if (next == 0) return -1;
    return static_cast<int>(std::max<std::int64_t>(0, (next - monotonicNs()) / 1'000'000 + 1));
}

// The server first: it finishes requests and jobs, for which it still needs vault and runners. Runners end with their
// lanes, and at the latest with the thread that started them.
void Supervisor::stopAll() {
    stop(server_, ready_ ? kServerGraceMs : 0);  // one that is still starting has nothing to finish
    stop(vault_, kVaultGraceMs);
    server_control_.reset();
    const std::lock_guard lock(mutex_);
    vault_control_.reset();
}

void Supervisor::stop(Service& service, int grace_ms) {
    if (service.child.pid < 0) return;
    signal(service.child, SIGTERM);
    if (!waitFor(service.child, grace_ms)) {
        log::warning("supervisor.child_killed", {{"program", service.name}});
        signal(service.child, SIGKILL);
        waitFor(service.child, 1000);
    }
    service.child = {};
}

Supervisor::Child Supervisor::start(const wire::Program& program) {
    Child child;
    child.pid = wire::spawn(program);
    child.exited.reset(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
    if (!child.exited) throwErrno("watch " + program.path.string());
    return child;
}

void Supervisor::signal(const Child& child, int number) {
    if (child.exited) syscall(SYS_pidfd_send_signal, child.exited.get(), number, nullptr, 0);
}

std::optional<int> Supervisor::waitFor(Child& child, int timeout_ms) {
    if (!child.exited) return 0;
    pollfd ended{child.exited.get(), POLLIN, 0};
    if (poll(&ended, 1, timeout_ms) <= 0) return std::nullopt;
    int status = 0;
    waitpid(child.pid, &status, 0);
    child.exited.reset();
    return status;
}

}  // namespace portico::app
