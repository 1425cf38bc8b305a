// SPDX-License-Identifier: Apache-2.0
#include "host/runner/confine.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "host/base/error.h"

namespace portico::runner {
namespace {

constexpr unsigned kNobody = 65534;
constexpr int kHighestCapability = 63;  // the kernel refuses those it does not know
constexpr int kNice = 10;               // a ninth of the weight of a process at 0

std::string because(const std::string& attempted) { return attempted + ": " + std::strerror(errno); }

void require(bool done, const char* attempted) {
    if (!done) throw Error(Code::Internal, "sandbox", because(attempted));
}

void limit(__rlimit_resource resource, rlim_t value, const char* name) {
    const rlimit both{value, value};
    require(::setrlimit(resource, &both) == 0, name);
}

// A fresh user namespace grants every capability inside it.
bool dropCapabilities() {
    for (int capability = 0; capability <= kHighestCapability; ++capability)
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[2] = {};
    return ::syscall(SYS_capset, &header, none) == 0;
}

}  // namespace

void dropIdentity() {
    if (::geteuid() == 0) {
        require(::setgroups(0, nullptr) == 0, "give up supplementary groups");
        require(::setresgid(kNobody, kNobody, kNobody) == 0, "become the group nobody");
        require(::setresuid(kNobody, kNobody, kNobody) == 0, "become the user nobody");
    }
    // After the change of user, which resets the last two.
    require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "set no_new_privs");
    require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "forbid dumps");
    require(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0, "die with the parent");
}

void closeFrom(int first) {
    require(::syscall(SYS_close_range, static_cast<unsigned>(first), ~0u, 0u) == 0, "close inherited descriptors");
}

void yieldProcessor() {
    if (::getpriority(PRIO_PROCESS, 0) >= kNice) return;  // the whole of Portico runs that low
    require(::setpriority(PRIO_PROCESS, 0, kNice) == 0, "lower the priority");
}

void limitResources(int memory_mib, int descriptors) {
    constexpr rlim_t kMiB = 1u << 20;
    ::mallopt(M_ARENA_MAX, 2);  // an arena reserves 64 MiB of addresses
    limit(RLIMIT_CORE, 0, "limit core files");
    limit(RLIMIT_FSIZE, 0, "limit file sizes");
    // Two more than are inherited: the loader opens a library, and what it depends on.
    limit(RLIMIT_NOFILE, static_cast<rlim_t>(descriptors) + 2, "limit descriptors");
    limit(RLIMIT_DATA, static_cast<rlim_t>(memory_mib) * kMiB, "limit memory");
    limit(RLIMIT_AS, static_cast<rlim_t>(memory_mib) * kMiB + 1024 * kMiB, "limit the address space");
}

void isolate(Confinement& result, int threads) {
    result.namespaces = ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0;
    if (!result.namespaces)
        result.missing.push_back(
            because("namespaces: a new user, network and IPC namespace is refused (allow user "
                    "namespaces on this machine or in this container)"));
    if (!dropCapabilities()) {
        result.namespaces = false;
        result.missing.push_back(because("capabilities: dropping them is refused"));
    }
    // Counted in the new namespace, so other processes of this user do not matter.
    if (result.namespaces) limit(RLIMIT_NPROC, static_cast<rlim_t>(threads) + 1, "limit threads");
}

}  // namespace portico::runner
