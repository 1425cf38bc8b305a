// SPDX-License-Identifier: Apache-2.0
#include "host/http/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/base/error.h"
#include "host/base/ids.h"

namespace portico::http {
namespace {
constexpr std::string_view kPrefix = "upload-";
}

SpoolFile::SpoolFile(Spool& spool, Fd file, std::filesystem::path path)
    : spool_(spool), file_(std::move(file)), path_(std::move(path)) {}

SpoolFile::~SpoolFile() {
    if (!owned_) return;
    ::unlink(path_.c_str());
    spool_.used_ -= size_;
}

void SpoolFile::write(std::string_view bytes) {
    if (spool_.used_.fetch_add(bytes.size()) + bytes.size() > spool_.quota_) {
        spool_.used_ -= bytes.size();
        throw Error(Code::Unavailable, "spool_full",
                    "the space for uploads in progress is used up; try again when others have finished", 5'000);
    }
    size_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t put = ::write(file_.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && (errno == ENOSPC || errno == EDQUOT))
            throw Error(Code::Unavailable, "disk_full", "the disk for uploads is full", 60'000);
        if (put < 0) throwErrno("write an upload to " + path_.string());
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

void SpoolFile::moveTo(const std::filesystem::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) throwErrno("move an upload to " + target.string());
    path_ = target;
    if (std::exchange(owned_, false)) spool_.used_ -= size_;
}

Spool::Spool(std::filesystem::path folder, std::uint64_t quota_bytes)
    : folder_(std::move(folder)), quota_(quota_bytes) {
    std::filesystem::create_directories(folder_);
    if (::chmod(folder_.c_str(), 0700) != 0) throwErrno("make " + folder_.string() + " private");
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
        if (entry.path().filename().string().starts_with(kPrefix)) std::filesystem::remove(entry.path());
}

std::shared_ptr<SpoolFile> Spool::create() {
    const std::filesystem::path path = folder_ / (std::string(kPrefix) + newId());
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) throwErrno("create an upload in " + folder_.string());
    return std::make_shared<SpoolFile>(*this, std::move(file), path);
}

}  // namespace portico::http
