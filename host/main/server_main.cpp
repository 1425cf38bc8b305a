// SPDX-License-Identifier: Apache-2.0
// portico-server: started by the supervisor, never by hand.
//   portico-server --config FILE --control FD --listener FD
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/main/arguments.h"
#include "host/main/confinement.h"
#include "host/main/server.h"

namespace {

using namespace portico;

int run(int argc, char** argv) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    app::Arguments arguments(argc, argv, 1);
    app::Server::Options options;
    options.configuration = app::Configuration::load(arguments.required("config"));
    options.control.reset(std::atoi(arguments.required("control").c_str()));
    options.listener.reset(std::atoi(arguments.required("listener").c_str()));
    arguments.finish();

    // Before the first thread: threads inherit the mask, and Landlock binds only what is made after it.
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&ends, signal);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const auto probe = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "portico-escape-probe.so";
    if (std::filesystem::exists(probe)) options.escape_probe = readFile(probe);
    options.warnings = app::confineFiles(options.configuration);
    log::start("server", options.configuration.get("log.level"));

    app::Server server(std::move(options));
    server.ready();
    int signal = 0;
    sigwait(&ends, &signal);
    log::info("server.stopping");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (...) {
        std::fprintf(stderr, "portico-server: %s\n", portico::currentError().what());
        return 1;
    }
}
