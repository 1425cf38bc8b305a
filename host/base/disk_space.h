// SPDX-License-Identifier: Apache-2.0
// How much room there is for files. A plain look at the file system; thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>

namespace portico {

struct DiskSpace {
    std::uint64_t free = 0;   // bytes that we may still use
    std::uint64_t total = 0;  // of the whole file system
};

// Of the file system that holds the path; throws Internal when it cannot be told.
DiskSpace diskSpace(const std::filesystem::path& path);

}  // namespace portico
