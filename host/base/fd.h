// SPDX-License-Identifier: Apache-2.0
// An owned file descriptor, and the few whole-file operations that rooms share. One thread at a time.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace portico {

class Fd {
public:
    Fd() noexcept = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    ~Fd() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int release() noexcept { return std::exchange(fd_, -1); }
    void reset(int fd = -1) noexcept;

private:
    int fd_ = -1;
};

// The whole file; throws NotFound when it is absent, Limit above max_bytes.
std::string readFile(const std::filesystem::path& path, std::size_t max_bytes = 64u << 20);
// Writes beside the target, fsyncs, renames over it and fsyncs the folder: the old or the new file, never half of one.
void writeFileDurably(const std::filesystem::path& path, std::string_view bytes, mode_t mode = 0600);

}  // namespace portico
