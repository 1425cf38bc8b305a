// SPDX-License-Identifier: Apache-2.0
// The one owner of a data directory. Two processes on the same files would break the one-writer rule, so a lock is held
// on DIR/lock for as long as this object lives; the kernel drops it when the process dies. Immutable once made.
#pragma once

#include <filesystem>

#include "host/base/fd.h"

namespace portico::storage {

class DataDirectory {
public:
    // Makes the directory (0700) when it is absent. Throws Unavailable "data_directory_in_use" naming the owner's
    // process id, Denied "data_directory_unwritable" when this user cannot write there.
    explicit DataDirectory(std::filesystem::path directory);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path databaseFile() const { return path_ / "portico.db"; }
    std::filesystem::path blobs() const { return path_ / "blobs"; }

private:
    std::filesystem::path path_;
    Fd lock_;
};

}  // namespace portico::storage
