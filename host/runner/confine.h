// SPDX-License-Identifier: Apache-2.0
// The steps by which the runner gives up what a process usually may, except seccomp (filter.h). Each says what it could
// not do instead of hiding it: the level reached is reported to the host and checked there. One thread at a time: all
// of it runs before the first thread is made, because Landlock and namespaces bind the calling thread only.
#pragma once

#include <string>
#include <vector>

namespace portico::runner {

struct Confinement {
    int landlock_abi = 0;     // 0: the kernel has none
    bool namespaces = false;  // own user, network and IPC namespace
    bool landlock = false;
    std::vector<std::string> missing;  // one line per thing that was refused, with the reason
};

// Root becomes nobody; then no_new_privs, not dumpable, killed with its parent. Throws Error when any of it is refused.
void dropIdentity();
// Closes every descriptor from `first` on.
void closeFrom(int first);
// Behind the server and the vault for the processor: a plugin that computes without end costs them next to nothing.
void yieldProcessor();
// CORE 0, FSIZE 0, NOFILE, address space and private memory. Throws Error when refused.
void limitResources(int memory_mib, int descriptors);
// New user, network and IPC namespaces, then no capability at all. Whatever fails is added to `missing`.
void isolate(Confinement& result, int threads);
// Nothing of the file system but reading the system's libraries; no TCP, no foreign abstract sockets or signals where
// the kernel knows such rules.
void restrictFiles(Confinement& result);

}  // namespace portico::runner
