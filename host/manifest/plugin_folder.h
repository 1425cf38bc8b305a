// SPDX-License-Identifier: Apache-2.0
// The folder of the plugins that an operator installed, changed only whole: ROOT/<id>/ is one complete version, what it
// replaced lies in ROOT/.previous/<id>/, and a copy in the making in ROOT/.staging/. Each change becomes visible by one
// rename of something that is on the disk already, so whoever reads the folder, or finds it after a crash, sees the old
// version or the new one. Knows nothing of what is in a plugin; installer.h decides that. One object per process and
// folder at a time (a lock says so); one thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "host/base/fd.h"

namespace portico::manifest {

class PluginFolder {
public:
    // Makes the folder when it is absent, waits for another command that is changing it, and clears what a crash left.
    // `step` is called before everything that changes the disk: tests end the process there.
    explicit PluginFolder(std::filesystem::path root, std::function<void()> step = {});

    std::filesystem::path current(const std::string& id) const { return root_ / id; }
    std::filesystem::path previous(const std::string& id) const { return root_ / ".previous" / id; }

    // A durable copy of regular files and folders; Invalid for anything else and above 1,000 files. Lives until it is
    // put in place or the next command clears it.
    std::filesystem::path stage(const std::filesystem::path& source);

    // The staged copy becomes the current version of an id that has none.
    void put(const std::filesystem::path& staged, const std::string& id);
    // … of an id that has one, which becomes the previous version.
    void replace(const std::filesystem::path& staged, const std::string& id);
    // Current and previous version change places.
    void swapWithPrevious(const std::string& id);
    // Both versions go.
    void remove(const std::string& id);

private:
    void discard(const std::filesystem::path& folder);
    std::filesystem::path freshName() const;

    const std::filesystem::path root_;
    const std::function<void()> step_;
    Fd lock_;
};

}  // namespace portico::manifest
