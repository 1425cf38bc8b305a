// SPDX-License-Identifier: Apache-2.0
#include "host/runner/filter.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string>

#include "host/base/error.h"

namespace portico::runner {
namespace {

void check(int result, const char* attempted) {
    if (result != 0) throw Error(Code::Internal, "seccomp", std::string(attempted) + ": " + std::strerror(-result));
}

void allow(scmp_filter_ctx filter, std::initializer_list<int> calls) {
    for (const int call : calls) {
        if (call < 0) continue;  // a system call this architecture does not have
        check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0), "allow a system call");
    }
}

void allowWhen(scmp_filter_ctx filter, int call, std::initializer_list<scmp_arg_cmp> conditions) {
    check(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, static_cast<unsigned>(conditions.size()),
                                 conditions.begin()),
          "allow a system call under a condition");
}

scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// What a plugin at work needs. Lanes are read and written; no descriptor can be made.
void allowRunning(scmp_filter_ctx filter) {
    allow(filter, {SCMP_SYS(read),
                   SCMP_SYS(write),
                   SCMP_SYS(writev),
                   SCMP_SYS(close),
                   SCMP_SYS(sendmsg),
                   SCMP_SYS(recvfrom),
                   SCMP_SYS(poll),
                   SCMP_SYS(ppoll),
                   SCMP_SYS(futex),
                   SCMP_SYS(nanosleep),
                   SCMP_SYS(clock_nanosleep),
                   SCMP_SYS(clock_gettime),
                   SCMP_SYS(clock_getres),
                   SCMP_SYS(gettimeofday),
                   SCMP_SYS(time),
                   SCMP_SYS(getpid),
                   SCMP_SYS(gettid),
                   SCMP_SYS(getrandom),
                   SCMP_SYS(getrusage),
                   SCMP_SYS(munmap),
                   SCMP_SYS(mremap),
                   SCMP_SYS(brk),
                   SCMP_SYS(madvise),
                   SCMP_SYS(rt_sigreturn),
                   SCMP_SYS(rt_sigaction),
                   SCMP_SYS(rt_sigprocmask),
                   SCMP_SYS(sigaltstack),
                   SCMP_SYS(sched_yield),
                   SCMP_SYS(sched_getaffinity),
                   SCMP_SYS(restart_syscall),
                   SCMP_SYS(set_robust_list),
                   SCMP_SYS(rseq),
                   SCMP_SYS(exit),
                   SCMP_SYS(exit_group)});
    allowWhen(filter, SCMP_SYS(mmap), {masked(2, PROT_EXEC, 0)});
    allowWhen(filter, SCMP_SYS(mprotect), {masked(2, PROT_EXEC, 0)});
    // abort() signals the calling thread's own process.
    allowWhen(filter, SCMP_SYS(tgkill), {{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()), 0}});
}

// The loader on top of that: read files and map code from files (never writable, never anonymous). It looks at files
// only by their descriptors: Landlock does not cover asking for a path's attributes.
void allowLoading(scmp_filter_ctx filter) {
    allow(filter, {SCMP_SYS(fstat), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(seccomp), SCMP_SYS(sysinfo)});
    allowWhen(filter, SCMP_SYS(newfstatat), {masked(3, AT_EMPTY_PATH, AT_EMPTY_PATH)});
    allowWhen(filter, SCMP_SYS(prlimit64), {{0, SCMP_CMP_EQ, 0, 0}});  // its own limits, and of no other process
    allowWhen(filter, SCMP_SYS(openat), {masked(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)});
    allowWhen(filter, SCMP_SYS(mmap), {masked(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), masked(3, MAP_ANONYMOUS, 0)});
    allowWhen(filter, SCMP_SYS(prctl), {{0, SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS, 0}});
}

}  // namespace

void Filter::Release::operator()(void* context) const noexcept { seccomp_release(context); }

Filter::Filter(Stage stage) : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
    if (!context_) throw Error(Code::Internal, "seccomp", "libseccomp cannot make a filter on this machine");
    check(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
          "refuse other architectures");
    check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "order the filter as a tree");
    check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1), "bind every thread");
    allowRunning(context_.get());
    if (stage == Stage::Loading) allowLoading(context_.get());
}

void Filter::install() { check(seccomp_load(context_.get()), "install the system call filter"); }

}  // namespace portico::runner
