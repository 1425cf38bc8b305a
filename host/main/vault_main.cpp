// SPDX-License-Identifier: Apache-2.0
// portico-vault: the process that holds every token and makes every request to a provider. It reads nothing from a
// network but providers' answers; its only callers are the lanes it was started with (--lanes) and those that the
// supervisor hands over later on the control lane (--control: the service call "lanes.add" with descriptors).
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <thread>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/base/passphrase.h"
#include "host/credential/custody_verbs.h"
#include "host/credential/local_vault.h"
#include "host/credential/vault_service.h"
#include "host/main/vault_confinement.h"
#include "host/storage/data_directory.h"
#include "host/wire/service_server.h"

namespace {

using namespace portico;

constexpr const char* kUsage =
    "usage: portico-vault --data DIR --plugins DIR [--installed DIR] --keys DIR --config FILE (--lanes 3,4,5 | "
    "--control 3) [--passphrase-file FILE | --passphrase-fd N] [--log-level LEVEL]\n"
    "       portico-vault custody VERB ...     what `portico vault` runs\n";

struct Arguments {
    credential::LocalVault::Folders folders;
    std::filesystem::path config, passphrase_file;
    std::vector<Fd> lanes, control, passphrase;
    std::string log_level = "info";
};

std::vector<Fd> readDescriptors(const std::string& text) {
    std::vector<Fd> lanes;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');) {
        if (word.empty() || word.size() > 4 || word.find_first_not_of("0123456789") != std::string::npos)
            throw Error(Code::Invalid, "arguments",
                        "--lanes and --control want numbers of open descriptors, such as 3,4,5");
        lanes.emplace_back(std::stoi(word));
    }
    return lanes;
}

Arguments readArguments(int argc, char** argv) {
    static const option kOptions[] = {{"data", required_argument, nullptr, 'd'},
                                      {"plugins", required_argument, nullptr, 'p'},
                                      {"keys", required_argument, nullptr, 'k'},
                                      {"config", required_argument, nullptr, 'c'},
                                      {"lanes", required_argument, nullptr, 'l'},
                                      {"control", required_argument, nullptr, 'o'},
                                      {"log-level", required_argument, nullptr, 'v'},
                                      {"installed", required_argument, nullptr, 'i'},
                                      {"passphrase-file", required_argument, nullptr, 's'},
                                      {"passphrase-fd", required_argument, nullptr, 'f'},
                                      {nullptr, 0, nullptr, 0}};
    Arguments out;
    for (int found; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
        switch (found) {
            case 'd': out.folders.data = optarg; break;
            case 'p': out.folders.plugins = optarg; break;
            case 'i': out.folders.installed = optarg; break;
            case 'k': out.folders.keys = optarg; break;
            case 'c': out.config = optarg; break;
            case 'l': out.lanes = readDescriptors(optarg); break;
            case 'o': out.control = readDescriptors(optarg); break;
            case 'v': out.log_level = optarg; break;
            case 'f': out.passphrase = readDescriptors(optarg); break;
            case 's': out.passphrase_file = optarg; break;
            default: throw Error(Code::Invalid, "arguments", kUsage);
        }
    }
    if (out.folders.data.empty() || out.folders.plugins.empty() || out.config.empty() || optind != argc ||
        (out.lanes.empty() && out.control.empty()))
        throw Error(Code::Invalid, "arguments", kUsage);
    return out;
}

// Until SIGTERM or SIGINT, or until whoever holds the other end of a control lane is gone: a vault without its
// supervisor serves nobody.
void waitForEnd(const sigset_t& signals, const std::vector<Fd>& control) {
    const Fd ended(::signalfd(-1, &signals, SFD_CLOEXEC));
    if (!ended) throwErrno("wait for signals");
    std::vector<pollfd> waiting{{ended.get(), POLLIN, 0}};
    for (const Fd& lane : control) waiting.push_back({lane.get(), 0, 0});  // POLLHUP alone
    while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
    }
}

// Two vaults on one database would each refresh the same token. The one before may still be finishing.
storage::DataDirectory ownFolder(const std::filesystem::path& folder) {
    constexpr auto kWait = Millis(2'000), kPause = Millis(50);
    for (const Deadline deadline = Deadline::in(kWait);;) {
        try {
            return storage::DataDirectory(folder);
        } catch (const Error& error) {
            if (error.reason() != "data_directory_in_use" || deadline.passed()) throw;
            std::this_thread::sleep_for(kPause);
        }
    }
}

int run(int argc, char** argv) {
    app::confineMemory();
    if (argc > 1 && std::strcmp(argv[1], "custody") == 0) return credential::custodyVerb(argc - 1, argv + 1);
    Arguments arguments = readArguments(argc, argv);
    credential::VaultConfig config = credential::readVaultConfig(arguments.config);
    if (!arguments.passphrase.empty()) config.passphrase = readPassphrase(arguments.passphrase.front());
    if (!arguments.passphrase_file.empty()) config.passphrase = readPassphrase(arguments.passphrase_file);
    std::filesystem::create_directories(arguments.folders.data);  // its rule needs it to be there
    const std::string unconfined = app::confineVaultFiles(arguments.folders, config);
    log::start("vault", arguments.log_level);
    if (!unconfined.empty()) log::warning("vault_unconfined", {{"why", unconfined}});
    // Threads inherit the mask: these signals are waited for below and nowhere else.
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&ends, signal);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    ::signal(SIGPIPE, SIG_IGN);

    const storage::DataDirectory owned = ownFolder(arguments.folders.data);
    const SystemClock clock;
    const auto transport = credential::makeCurlTransport({config.connect_to, config.ca_file, config.extra_ca_file});
    credential::LocalVault vault(arguments.folders, std::move(config), *transport, clock);
    vault.start();
    wire::ServiceServer server(credential::serveVault(vault));
    const auto serve = [&](std::vector<Fd>& lanes) {
        for (Fd& lane : lanes)
            if (!server.add(std::move(lane)))
                throw Error(Code::Limit, "too_many_lanes", "the vault serves no more lanes");
    };
    serve(arguments.lanes);
    wire::ServiceServer control(
        [&](wire::ServiceRequest& request, wire::ServicePeer&) -> wire::ServiceReply {
            if (request.method != "lanes.add")
                throw Error(Code::Unsupported, "service_method",
                            "the vault's control lane has no method " + std::string(request.method));
            serve(request.fds);
            return {"{}", ""};
        },
        true);
    std::vector<Fd> watched;
    for (Fd& lane : arguments.control) {
        watched.emplace_back(::dup(lane.get()));
        control.add(std::move(lane));
    }
    app::confineVaultCalls();
    log::info("vault_ready", {{"sealed", vault.status().sealed ? "yes" : "no"}});
    waitForEnd(ends, watched);
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
        const Error error = currentError();
        std::fprintf(stderr, "portico-vault: %s\n", error.what());
        return error.reason() == "usage" ? 2 : 1;
    }
}
