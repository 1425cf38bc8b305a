// SPDX-License-Identifier: Apache-2.0
#include "host/wire/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "host/base/error.h"

namespace portico::wire {
namespace {

constexpr int kFirstFd = 3;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

// File actions and attributes with their release.
struct Setup {
    explicit Setup(bool own_group) {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;  // its number is the process's, the default
        posix_spawnattr_setflags(&attributes,
                                 static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
    }
    ~Setup() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

}  // namespace

pid_t spawn(const Program& program) {
    Setup setup(program.own_group);
    posix_spawn_file_actions_addopen(&setup.actions, 0, "/dev/null", O_RDWR, 0);
    if (program.quiet) {
        posix_spawn_file_actions_adddup2(&setup.actions, 0, 1);
        posix_spawn_file_actions_adddup2(&setup.actions, 0, 2);
    }
    // Copies above every target number, so that no dup2 overwrites a source that is still needed.
    const int above = kFirstFd + static_cast<int>(program.fds.size());
    std::vector<Fd> copies;
    for (std::size_t i = 0; i < program.fds.size(); ++i) {
        copies.emplace_back(::fcntl(program.fds[i], F_DUPFD_CLOEXEC, above));
        if (!copies.back()) throwErrno("copy a descriptor for " + program.path.string());
        posix_spawn_file_actions_adddup2(&setup.actions, copies.back().get(), kFirstFd + static_cast<int>(i));
    }
    std::vector<std::string> arguments{program.path.filename().string()};
    arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
    pid_t child = -1;
    const int error = ::posix_spawn(&child, program.path.c_str(), &setup.actions, &setup.attributes,
                                    pointers(arguments).data(), pointers(program.environment).data());
    if (error != 0)
        throw Error(Code::Internal, "spawn", "start " + program.path.string() + ": " + std::strerror(error));
    return child;
}

Fd sealedCopy(std::string_view bytes, const std::string& name) {
    Fd file(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) throwErrno("make a memory file for " + name);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t put = ::write(file.get(), bytes.data() + done, bytes.size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throwErrno("fill the memory file of " + name);
        done += static_cast<std::size_t>(put);
    }
    if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        throwErrno("seal the memory file of " + name);
    return file;
}

}  // namespace portico::wire
