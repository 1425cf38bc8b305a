// SPDX-License-Identifier: Apache-2.0
// Where large request bodies wait while they arrive: one 0600 file each, in one folder, under one quota. The file goes
// when its SpoolFile goes, unless somebody has taken it over. Files left by a crash are removed at the next start.
// Spool is thread-safe and must outlive its files; a SpoolFile is used by one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "host/base/fd.h"

namespace portico::http {

class Spool;

class SpoolFile {
public:
    SpoolFile(Spool& spool, Fd file, std::filesystem::path path);
    ~SpoolFile();
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    // Appends. Throws Limit when the quota or the disk is full.
    void write(std::string_view bytes);

    std::uint64_t size() const noexcept { return size_; }
    const std::filesystem::path& path() const noexcept { return path_; }
    int fd() const noexcept { return file_.get(); }  // readable and writable; read with pread
    // Moves the file to `target` (same file system); it no longer counts against the quota and is not removed.
    void moveTo(const std::filesystem::path& target);

private:
    Spool& spool_;
    Fd file_;
    std::filesystem::path path_;
    std::uint64_t size_ = 0;
    bool owned_ = true;
};

class Spool {
public:
    // Creates the folder (0700) when absent and empties it of earlier uploads.
    Spool(std::filesystem::path folder, std::uint64_t quota_bytes);
    std::shared_ptr<SpoolFile> create();
    std::uint64_t usedBytes() const noexcept { return used_.load(); }

private:
    friend class SpoolFile;
    std::filesystem::path folder_;
    std::uint64_t quota_;
    std::atomic<std::uint64_t> used_{0};
};

}  // namespace portico::http
