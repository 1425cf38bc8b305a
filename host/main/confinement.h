// SPDX-License-Identifier: Apache-2.0
// What portico-server gives up. It parses what strangers send, so it may not reach what it does not need: no file of
// the vault, no program to start, no connection to open, no other process to look into. Two steps, because threads must
// not exist before the first and sockets must exist before the second. Not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "host/main/configuration.h"

namespace portico::app {

// Landlock and no_new_privs, before the first thread. Returns what could not be had, in words, for the operator.
std::vector<std::string> confineFiles(const Configuration& configuration);

// seccomp for every thread, when all sockets are open: no exec, no new sockets, no ptrace, no namespaces, no kernel
// doors.
void confineCalls();

}  // namespace portico::app
