// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/credential/killed.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <stdexcept>

namespace {

[[noreturn]] void child(const std::function<void()>& f) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    try {
        f();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
    }
    _exit(0);
}

bool changesAFile(std::uint64_t call) {
    static const std::set<std::uint64_t> kCalls{SYS_write,     SYS_pwrite64,  SYS_pwritev, SYS_fsync,
                                                SYS_fdatasync, SYS_ftruncate, SYS_rename,  SYS_renameat,
                                                SYS_renameat2, SYS_unlink,    SYS_unlinkat};
    return kCalls.contains(call);
}

}  // namespace

bool killedBeforeWrite(int n, const std::function<void()>& f) {
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork");
    if (pid == 0) child(f);
    int status = 0;
    waitpid(pid, &status, 0);
    if (ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) != 0)
        throw std::runtime_error("this test needs ptrace");
    ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
    bool killed = false;
    for (int writes = 0;;) {
        const pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0) throw std::runtime_error("the child was lost");
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread != pid) continue;  // one of its threads
            if (!killed && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
                throw std::runtime_error("it failed by itself");
            return killed;
        }
        long pass_on = 0;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            __ptrace_syscall_info info{};
            ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
            if (!killed && info.op == PTRACE_SYSCALL_INFO_ENTRY && changesAFile(info.entry.nr) && ++writes == n) {
                killed = true;
                kill(pid, SIGKILL);
                continue;
            }
        } else if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP) {
            pass_on = WSTOPSIG(status);
        }
        ptrace(PTRACE_SYSCALL, thread, nullptr, pass_on);
    }
}
