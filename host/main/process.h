// SPDX-License-Identifier: Apache-2.0
// Starting one of our own programs with exactly the descriptors it is meant to have. One thread at a time.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "host/base/fd.h"

namespace portico::app {

struct Program {
    std::string path;
    std::vector<std::string> arguments;        // without the program's name
    std::vector<std::string> environment;      // NAME=value; nothing is inherited
    std::vector<int> descriptors;              // become 3, 4, 5, ... in the child, in this order; everything else is closed
    bool keep_stderr = true;                   // else /dev/null; standard input and output always are
};

struct Child {
    pid_t pid = -1;
    Fd exited;  // pidfd: readable when the process has ended
};

// The child dies with this process (PR_SET_PDEATHSIG). Throws Internal naming the program when it cannot be started.
Child start(const Program& program);

// Sends the signal; nothing happens when the process has already ended.
void signalChild(const Child& child, int signal);
// Waits up to the given time for the end; true when it has ended (and is reaped).
bool waitFor(Child& child, int timeout_ms);

// The folder this program lies in, where its sisters lie too.
std::string programFolder();

}  // namespace portico::app
