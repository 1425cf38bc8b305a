// SPDX-License-Identifier: Apache-2.0
// portico-server's object graph: made top-down, destroyed in reverse. One instance per process, made and ended on the
// main thread. The order of the members is the order of start and stop that host/README.md tells.
#pragma once

#include <memory>
#include <string>

#include "host/base/fd.h"
#include "host/main/configuration.h"

namespace portico::app {

class Server {
public:
    struct Options {
        Configuration configuration;
        std::string escape_probe;           // the bytes of portico-escape-probe.so, read before files are out of reach
        Fd control;                         // lane to the supervisor
        Fd listener;                        // bound and listening
        std::vector<std::string> warnings;  // what the confinement could not do
    };
    // Everything up to the first request; throws with a message for the operator when that cannot be.
    explicit Server(Options options);
    ~Server();  // stops accepting, finishes requests and jobs, ends plugins

    // Confines the process for good and tells the supervisor that requests are served.
    void ready();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace portico::app
