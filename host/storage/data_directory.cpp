// SPDX-License-Identifier: Apache-2.0
#include "host/storage/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/base/error.h"

namespace portico::storage {
namespace {

[[noreturn]] void refuseUnwritable(const std::filesystem::path& path, const std::string& why) {
    throw Error(Code::Denied, "data_directory_unwritable",
                "use the data directory " + path.string() + ": " + why +
                    "; choose another with --data, or let this user write there");
}

std::string ownerOf(int lock) {
    char text[16] = {};
    const ssize_t size = ::pread(lock, text, sizeof text - 1, 0);
    std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return pid.empty() ? "unknown" : pid;
}

}  // namespace

DataDirectory::DataDirectory(std::filesystem::path directory) : path_(std::filesystem::absolute(directory)) {
    std::error_code made;
    if (!std::filesystem::exists(path_, made)) {
        std::filesystem::create_directories(path_, made);
        if (made) refuseUnwritable(path_, made.message());
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
    }
    lock_ = Fd(::open((path_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_) refuseUnwritable(path_, std::strerror(errno));
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) refuseUnwritable(path_, std::strerror(errno));
        throw Error(Code::Unavailable, "data_directory_in_use",
                    "another process of Portico owns " + path_.string() + " (pid " + ownerOf(lock_.get()) +
                        "); stop it, or choose another directory with --data");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock_.get(), 0) != 0 || ::pwrite(lock_.get(), pid.data(), pid.size(), 0) < 0)
        refuseUnwritable(path_, std::strerror(errno));
}

}  // namespace portico::storage
