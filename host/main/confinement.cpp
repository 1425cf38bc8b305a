// SPDX-License-Identifier: Apache-2.0
#include "host/main/confinement.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "host/base/error.h"
#include "host/runner/landlock.h"

namespace portico::app {

std::vector<std::string> confineFiles(const Configuration& configuration) {
    using runner::Access;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);

    std::vector<runner::PathRule> rules{
        {(configuration.data() / "crm").string(), Access::ReadAndWrite},
        {(configuration.data() / "run").string(), Access::ReadAndWrite},
        {configuration.installedPlugins().string(), Access::Read},
        {"/usr/lib", Access::ReadAndExecute},
        {"/lib", Access::ReadAndExecute},
        {"/lib64", Access::ReadAndExecute},
        {"/usr/share/zoneinfo", Access::Read},
        {"/etc/localtime", Access::Read},
        {"/etc/ssl/openssl.cnf", Access::Read},
        {"/etc/ld.so.cache", Access::Read},
        {"/dev/null", Access::ReadAndWrite},
        {"/dev/urandom", Access::Read},
    };
    for (const char* key :
         {"web.directory", "plugins.directory", "plugins.keys", "server.certificate", "server.private_key"})
        if (configuration.has(key)) rules.push_back({configuration.get(key), Access::Read});
    const std::string why = runner::restrictTo(rules);
    return why.empty() ? std::vector<std::string>{} : std::vector<std::string>{"portico-server runs without " + why};
}

void confineCalls() {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == nullptr) throw Error(Code::Internal, "seccomp", "no memory for the system call filter");
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (const int call : {SCMP_SYS(execve),
                           SCMP_SYS(execveat),
                           SCMP_SYS(fork),
                           SCMP_SYS(vfork),
                           SCMP_SYS(connect),
                           SCMP_SYS(bind),
                           SCMP_SYS(socket),
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
                           SCMP_SYS(setgid)})
        failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    failed |= seccomp_load(filter);
    seccomp_release(filter);
    if (failed != 0) throw Error(Code::Internal, "seccomp", "the system call filter was refused");
}

}  // namespace portico::app
