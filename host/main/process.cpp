// SPDX-License-Identifier: Apache-2.0
#include "host/main/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "host/base/error.h"

namespace portico::app {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// Between fork and exec: only async-signal-safe calls. `highest` lies above every descriptor involved.
[[noreturn]] void becomeChild(const char* path, char** argv, char** envp, const std::vector<int>& descriptors,
                              std::vector<int>& parked, int highest, bool keep_stderr, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // the parent died before the line above
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // First out of the way, then into place: a source may lie where another one belongs.
    for (std::size_t i = 0; i < descriptors.size(); ++i)
        parked[i] = fcntl(descriptors[i], F_DUPFD, highest + 1);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    if (!keep_stderr) dup2(null, 2);
    for (std::size_t i = 0; i < descriptors.size(); ++i) dup2(parked[i], static_cast<int>(3 + i));
    syscall(SYS_close_range, 3 + descriptors.size(), ~0U, 0);
    execve(path, argv, envp);
    _exit(127);
}

}  // namespace

Child start(const Program& program) {
    if (access(program.path.c_str(), X_OK) != 0) throwErrno("start " + program.path);
    std::vector<std::string> arguments{program.path};
    arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
    std::vector<std::string> environment = program.environment;
    std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
    std::vector<int> parked(program.descriptors.size());
    int highest = 3 + static_cast<int>(program.descriptors.size());
    for (const int fd : program.descriptors) highest = std::max(highest, fd);

    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) throwErrno("start " + program.path);
    if (pid == 0)
        becomeChild(program.path.c_str(), argv.data(), envp.data(), program.descriptors, parked, highest,
                    program.keep_stderr, parent);
    Child child{pid, Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))};
    if (!child.exited) throwErrno("watch " + program.path);
    return child;
}

void signalChild(const Child& child, int signal) {
    if (child.exited) syscall(SYS_pidfd_send_signal, child.exited.get(), signal, nullptr, 0);
}

bool waitFor(Child& child, int timeout_ms) {
    if (!child.exited) return true;
    pollfd ended{child.exited.get(), POLLIN, 0};
    if (poll(&ended, 1, timeout_ms) <= 0) return false;
    waitpid(child.pid, nullptr, 0);
    child.exited.reset();
    return true;
}

std::string programFolder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

}  // namespace portico::app
