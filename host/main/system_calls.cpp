// SPDX-License-Identifier: Apache-2.0
#include "host/main/system_calls.h"

#include <seccomp.h>

#include <cerrno>

#include "host/base/error.h"

namespace portico::app {

void forbidCalls(const std::vector<int>& more) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == nullptr) throw Error(Code::Internal, "seccomp", "no memory for the system call filter");
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    std::vector<int> calls{SCMP_SYS(execve),
                           SCMP_SYS(execveat),
                           SCMP_SYS(fork),
                           SCMP_SYS(vfork),
                           SCMP_SYS(ptrace),
                           SCMP_SYS(process_vm_readv),
                           SCMP_SYS(process_vm_writev),
                           SCMP_SYS(pidfd_getfd),
                           SCMP_SYS(pidfd_open),
                           SCMP_SYS(kcmp),
                           SCMP_SYS(kill),
                           SCMP_SYS(unshare),
                           SCMP_SYS(setns),
                           SCMP_SYS(mount),
                           SCMP_SYS(umount2),
                           SCMP_SYS(pivot_root),
                           SCMP_SYS(chroot),
                           SCMP_SYS(open_by_handle_at),
                           SCMP_SYS(bpf),
                           SCMP_SYS(perf_event_open),
                           SCMP_SYS(userfaultfd),
                           SCMP_SYS(io_uring_setup),
                           SCMP_SYS(keyctl),
                           SCMP_SYS(add_key),
                           SCMP_SYS(request_key),
                           SCMP_SYS(init_module),
                           SCMP_SYS(finit_module),
                           SCMP_SYS(delete_module),
                           SCMP_SYS(kexec_load),
                           SCMP_SYS(kexec_file_load),
                           SCMP_SYS(reboot),
                           SCMP_SYS(swapon),
                           SCMP_SYS(swapoff),
                           SCMP_SYS(setuid),
                           SCMP_SYS(setgid)};
    calls.insert(calls.end(), more.begin(), more.end());
    for (const int call : calls) failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    failed |= seccomp_load(filter);
    seccomp_release(filter);
    if (failed != 0) throw Error(Code::Internal, "seccomp", "the system call filter was refused");
}

}  // namespace portico::app
