// SPDX-License-Identifier: Apache-2.0
#include "host/base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/base/error.h"

namespace portico {

void Fd::reset(int fd) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

std::string readFile(const std::filesystem::path& path, std::size_t max_bytes) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) throw Error(Code::NotFound, "no_file", path.string() + " does not exist");
        throwErrno("open " + path.string());
    }
    std::string bytes;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throwErrno("read " + path.string());
        if (got == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(got));
        if (bytes.size() > max_bytes)
            throw Error(Code::Limit, "too_large",
                        path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
}

void writeFileDurably(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
    const std::filesystem::path temporary = path.string() + ".new";
    Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!file) throwErrno("create " + temporary.string());
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t put = ::write(file.get(), bytes.data() + done, bytes.size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throwErrno("write " + temporary.string());
        done += static_cast<std::size_t>(put);
    }
    if (::fsync(file.get()) != 0) throwErrno("fsync " + temporary.string());
    if (::rename(temporary.c_str(), path.c_str()) != 0) throwErrno("rename to " + path.string());
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) throwErrno("fsync " + folder.string());
}

}  // namespace portico
