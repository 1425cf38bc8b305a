// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/plugin_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::manifest {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 256u << 20, kMaxFiles = 1000;

void syncFolder(const fs::path& folder) {
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) throwErrno("write " + folder.string() + " to the disk");
}

// flags: RENAME_NOREPLACE or RENAME_EXCHANGE. Durable when it returns.
void renameNow(const fs::path& from, const fs::path& to, unsigned flags) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0)
        throwErrno("rename " + from.string() + " to " + to.string());
    syncFolder(from.parent_path());
    syncFolder(to.parent_path());
}

}  // namespace

PluginFolder::PluginFolder(fs::path root, std::function<void()> step)
    : root_(std::move(root)), step_(step ? std::move(step) : [] {}) {
    for (const char* inner : {".staging", ".previous"}) fs::create_directories(root_ / inner);
    lock_ = Fd(::open((root_ / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_) throwErrno("open " + (root_ / ".lock").string());
    if (::flock(lock_.get(), LOCK_EX) != 0) throwErrno("lock " + root_.string());
    for (const auto& left : fs::directory_iterator(root_ / ".staging")) fs::remove_all(left.path());
    for (const auto& before : fs::directory_iterator(root_ / ".previous"))
        if (!fs::exists(current(before.path().filename().string()))) fs::remove_all(before.path());
}

fs::path PluginFolder::freshName() const { return root_ / ".staging" / toHex(randomBytes(8)); }

fs::path PluginFolder::stage(const fs::path& source) {
    if (!fs::is_directory(source)) throw Error(Code::NotFound, "no_folder", source.string() + " is not a folder");
    const fs::path staged = freshName();
    fs::create_directory(staged);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
        const fs::path target = staged / entry.path().lexically_relative(source);
        const auto type = entry.symlink_status().type();
        step_();
        if (type == fs::file_type::directory) {
            fs::create_directory(target);
            continue;
        }
        if (type != fs::file_type::regular)
            throw Error(Code::Invalid, "bad_plugin", entry.path().string() + " is neither a file nor a folder");
        if (++files > kMaxFiles) throw Error(Code::Limit, "bad_plugin", source.string() + " has more than 1,000 files");
        writeFileDurably(target, readFile(entry.path(), kMaxFile), 0644);
    }
    for (const auto& entry : fs::recursive_directory_iterator(staged))
        if (entry.is_directory()) syncFolder(entry.path());
    syncFolder(staged);
    syncFolder(staged.parent_path());
    return staged;
}

void PluginFolder::put(const fs::path& staged, const std::string& id) {
    step_();
    renameNow(staged, current(id), RENAME_NOREPLACE);
}

// The new version goes to where the previous one is kept and then changes places with the current one: two renames,
// and between them the folder is as it was, but for what "rollback" would bring.
void PluginFolder::replace(const fs::path& staged, const std::string& id) {
    const bool had_previous = fs::exists(previous(id));
    step_();
    renameNow(staged, previous(id), had_previous ? RENAME_EXCHANGE : RENAME_NOREPLACE);
    step_();
    renameNow(previous(id), current(id), RENAME_EXCHANGE);
    if (had_previous) discard(staged);
}

void PluginFolder::swapWithPrevious(const std::string& id) {
    step_();
    renameNow(previous(id), current(id), RENAME_EXCHANGE);
}

void PluginFolder::remove(const std::string& id) {
    for (const fs::path& folder : {current(id), previous(id)}) {
        if (!fs::exists(folder)) continue;
        const fs::path gone = freshName();
        step_();
        renameNow(folder, gone, RENAME_NOREPLACE);
        discard(gone);
    }
}

void PluginFolder::discard(const fs::path& folder) {
    step_();
    fs::remove_all(folder);
}

}  // namespace portico::manifest
