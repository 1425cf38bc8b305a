// SPDX-License-Identifier: Apache-2.0
// Starts one of our own programs with exactly the descriptors it is meant to have, an empty environment and default
// signals; and makes the sealed memory file that a runner loads. Thread-safe. The caller waits for the child.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/fd.h"

namespace portico::wire {

struct Program {
    std::filesystem::path path;
    std::vector<std::string> arguments;    // without the program's own name
    std::vector<int> fds;                  // become 3, 4, 5, ... in the child; stay open here
    std::vector<std::string> environment;  // "NAME=value"
    bool quiet = false;                    // standard output and error go to /dev/null instead of ours
    bool own_group = false;                // a process group of its own: Ctrl-C in our terminal is not for it
};

// The new process. It dies with the thread that started it if it asked so (the runner does): call from a thread that
// stays. Throws Error naming the program.
pid_t spawn(const Program& program);

// The bytes in an anonymous file that nobody can change any more.
Fd sealedCopy(std::string_view bytes, const std::string& name);

}  // namespace portico::wire
