// SPDX-License-Identifier: Apache-2.0
// The parent of all other processes. It has no database and speaks to no network: it binds the port once and passes it
// on, starts vault and server, starts runners when the server asks (the server itself may start nothing), carries the
// server's lanes to the vault, and brings back what dies. One instance per process; run() belongs to the main thread.
//
//   server ──control──► supervisor   "ready" {setup_url, warnings}   the server serves
//                                    "runner.*"                       wire::RunnerHost
//                                    "vault.lanes" + fds              passed on to the vault of the moment
//   supervisor ──control──► vault    "lanes.add" + fds                from then on the vault serves them
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/base/json.h"
#include "host/main/configuration.h"
#include "host/wire/runners.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"

namespace portico::app {

class Supervisor {
public:
    struct Options {
        std::filesystem::path configuration_file;  // what the children load
        std::filesystem::path data;
        Configuration configuration;
        Fd listener;    // bound and listening
        Fd passphrase;  // of the vault's key file, to be read anew at each start; none when no person was asked
        std::vector<std::string> server_environment;
        std::function<void(const Json& ready)> on_ready;  // called once, at the first "ready"
    };
    explicit Supervisor(Options options);
    ~Supervisor();

    // Until SIGTERM or SIGINT; returns the exit code. Throws when a child cannot be started at all.
    int run();

private:
    struct Child {
        pid_t pid = -1;
        Fd exited;  // pidfd: readable when the process has ended, and never another process's
    };
    struct Service {  // vault or server
        std::string name;
        Child child;
        int failures = 0;  // in a row; sets the pause before the next start
        std::int64_t started_ns = 0;
        std::int64_t restart_ns = 0;  // 0: not waiting
    };

    void startVault();
    void startServer();
    wire::ServiceReply handle(wire::ServiceRequest& request);
    void passLanes(std::vector<Fd>& lanes);
    void noticeEnd(Service& service);
    void restartDue();
    int nextPauseMs() const;
    void stopAll();
    void stop(Service& service, int grace_ms);
    static Child start(const wire::Program& program);
    static void signal(const Child& child, int number);
    // The exit status when it has ended within the time (it is reaped then).
    static std::optional<int> waitFor(Child& child, int timeout_ms);

    Options options_;
    const Fd signals_;                    // SIGTERM and SIGINT; blocked everywhere else, so made before any thread
    const std::filesystem::path folder_;  // of our programs
    Service vault_{"portico-vault", {}, 0, 0, 0}, server_{"portico-server", {}, 0, 0, 0};
    int exit_code_ = 0;
    bool stopping_ = false;
    wire::RunnerHost runners_;
    std::mutex mutex_;  // guards what follows
    std::unique_ptr<wire::ServiceClient> vault_control_;
    bool ready_ = false;
    std::unique_ptr<wire::ServiceServer> server_control_;  // its thread calls handle(); last, so that it ends first
};

}  // namespace portico::app
