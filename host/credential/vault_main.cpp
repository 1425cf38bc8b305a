// SPDX-License-Identifier: Apache-2.0
// portico-vault: the process that holds every token and makes every request to a provider. It reads nothing from a
// network but providers' answers; its only callers are those whose lanes the supervisor hands in.
#include <getopt.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/local_vault.h"
#include "host/credential/vault_service.h"
#include "host/wire/service_server.h"

namespace {

using namespace portico;

constexpr const char* kUsage =
    "usage: portico-vault --data DIR --plugins DIR --keys DIR --config FILE --control FD [--log-level LEVEL]\n";

struct Arguments {
    credential::LocalVault::Folders folders;
    std::filesystem::path config;
    Fd control;
    std::string log_level = "info";
};

Arguments readArguments(int argc, char** argv) {
    static const option kOptions[] = {{"data", required_argument, nullptr, 'd'},    {"plugins", required_argument, nullptr, 'p'},
                                      {"keys", required_argument, nullptr, 'k'},    {"config", required_argument, nullptr, 'c'},
                                      {"control", required_argument, nullptr, 'f'},   {"log-level", required_argument, nullptr, 'v'},
                                      {nullptr, 0, nullptr, 0}};
    Arguments out;
    for (int found; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
        switch (found) {
            case 'd': out.folders.data = optarg; break;
            case 'p': out.folders.plugins = optarg; break;
            case 'k': out.folders.keys = optarg; break;
            case 'c': out.config = optarg; break;
            case 'f': out.control.reset(std::atoi(optarg)); break;
            case 'v': out.log_level = optarg; break;
            default: throw Error(Code::Invalid, "arguments", kUsage);
        }
    }
    if (out.folders.data.empty() || out.folders.plugins.empty() || out.config.empty() || !out.control || optind != argc)
        throw Error(Code::Invalid, "arguments", kUsage);
    return out;
}

// Before any secret is read: no core dump, no look into the memory by others of the same user, no new privileges.
void confine() {
    const rlimit none{0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        throwErrno("confine the vault's process");
    umask(077);
}

int run(int argc, char** argv) {
    confine();
    Arguments arguments = readArguments(argc, argv);
    log::start("vault", arguments.log_level);
    // Threads inherit the mask: these signals are waited for below and nowhere else.
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&ends, signal);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    ::signal(SIGPIPE, SIG_IGN);

    const SystemClock clock;
    credential::VaultConfig config = credential::readVaultConfig(arguments.config);
    const auto transport = credential::makeCurlTransport({config.connect_to, config.ca_file});
    credential::LocalVault vault(arguments.folders, std::move(config), *transport, clock);
    vault.start();
    wire::ServiceServer server(credential::serveVault(vault));
    // The supervisor's lane brings the server's lanes and nothing else.
    wire::ServiceServer control(
        [&server](wire::ServiceRequest& request, wire::ServicePeer&) -> wire::ServiceReply {
            if (request.method != "lanes.add")
                throw Error(Code::Unsupported, "unknown_method", "the vault's control lane takes lanes only");
            for (Fd& lane : request.fds)
                if (!server.add(std::move(lane))) throw Error(Code::Limit, "too_many_lanes", "the vault serves no more lanes");
            return {"{}", ""};
        },
        true);
    control.add(std::move(arguments.control));
    log::info("vault_ready", {{"sealed", vault.status().sealed ? "yes" : "no"}});
    int signal = 0;
    sigwait(&ends, &signal);
    log::info("vault_stopping");
    control.stop();
    server.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (...) {
        std::fprintf(stderr, "portico-vault: %s\n", currentError().what());
        return 1;
    }
}
