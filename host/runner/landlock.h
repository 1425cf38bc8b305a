// SPDX-License-Identifier: Apache-2.0
// Landlock by its system calls: from then on this thread (and threads and processes it makes) reaches the named paths
// and nothing else of the file system. Every right the running kernel knows is handled, or it would stay allowed; where
// the kernel has such rules, TCP, abstract sockets and signals to outsiders go too. One thread at a time.
#pragma once

#include <string>
#include <vector>

namespace portico::runner {

enum class Access { Read, ReadAndExecute, ReadAndWrite };

struct PathRule {
    std::string path;  // a folder stands for everything below it; an absent path is passed over
    Access access = Access::Read;
};

struct LandlockOptions {
    bool network = false;  // true: TCP stays allowed (a process with a listening socket from its parent needs no rule)
    bool scoped = true;    // no signals and no abstract sockets to processes outside
};

// The kernel's Landlock ABI; 0 when it has none.
int landlockAbi();
// "" when the rules hold; else why they do not.
std::string restrictTo(const std::vector<PathRule>& rules, LandlockOptions options = {});

}  // namespace portico::runner
