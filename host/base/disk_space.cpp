// SPDX-License-Identifier: Apache-2.0
#include "host/base/disk_space.h"

#include <sys/statvfs.h>

#include "host/base/error.h"

namespace portico {

DiskSpace diskSpace(const std::filesystem::path& path) {
    struct statvfs facts {};
    if (::statvfs(path.c_str(), &facts) != 0) throwErrno("see how much room there is in " + path.string());
    return {std::uint64_t{facts.f_bavail} * facts.f_frsize, std::uint64_t{facts.f_blocks} * facts.f_frsize};
}

}  // namespace portico
