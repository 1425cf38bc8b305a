// SPDX-License-Identifier: Apache-2.0
// The parent of all other processes. It has no database and speaks to no network: it binds the port once and passes it
// on, starts vault and server, starts runners when the server asks (the server itself may start nothing), carries the
// server's lanes to the vault, and brings back what dies. One instance per process; run() belongs to the main thread.
//
//   server ──control──► supervisor   "ready" {url, setup_url}         the server serves
//                                    "runner.start" {arguments} + fds  answers {pid}; the fds become 3, 4, 5, ... there
//                                    "runner.kill" {pid}
//                                    "vault.lanes" + fds               passed on to the vault of the moment
//   supervisor ──control──► vault    "lanes.add" + fds                 from then on the vault serves them
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "host/base/json.h"
#include "host/main/configuration.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"

namespace portico::app {

class Supervisor {
public:
    struct Options {
        std::filesystem::path configuration_file;  // what the children load
        std::filesystem::path data;
        Configuration configuration;
        Fd listener;  // bound and listening
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
    Json startRunner(const Json& request, const std::vector<Fd>& descriptors);
    void passLanes(std::vector<Fd>& lanes);
    void reap();
    void ended(Service& service, int status);
    void restartDue();
    int nextPauseMs() const;
    void stopAll();
    void stop(Service& service, int grace_ms);
    static Child start(const wire::Program& program);
    static void signal(const Child& child, int number);
    static bool waitFor(Child& child, int timeout_ms);  // true when it has ended; it is reaped then

    Options options_;
    const std::filesystem::path folder_;  // of our programs
    Service vault_{"portico-vault", {}, 0, 0, 0}, server_{"portico-server", {}, 0, 0, 0};
    std::mutex mutex_;  // guards what follows
    std::unique_ptr<wire::ServiceClient> vault_control_;
    std::map<pid_t, Child> runners_;
    bool ready_ = false;
    int exit_code_ = 0;
    bool stopping_ = false;
    std::unique_ptr<wire::ServiceServer> server_control_;  // its thread calls handle(); last, so that it ends first
};

}  // namespace portico::app
