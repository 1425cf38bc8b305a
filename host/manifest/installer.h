// SPDX-License-Identifier: Apache-2.0
// What an operator may put into the folder of installed plugins: whole, signed by a trusted key, loadable by this host,
// never in the place of a shipped plugin; updated only by its own author and only forwards. Everything is judged on the
// copy that will be used, not on the folder it came from. One thread at a time.
#pragma once

#include <filesystem>
#include <optional>

#include "host/manifest/loadable.h"
#include "host/manifest/plugin_folder.h"
#include "host/manifest/signature.h"

namespace portico::manifest {

class Installer {
public:
    struct Options {
        std::filesystem::path installed;  // DATA/plugins
        std::filesystem::path shipped;    // may be empty
        TrustedKeys keys;
        bool developer_mode = false;  // unsigned plugins too
        HostOffer host;
        bool force = false;               // another signer may follow
        std::function<void()> step = {};  // PluginFolder's
    };
    explicit Installer(Options options) : options_(std::move(options)), folder_(options_.installed, options_.step) {}

    struct Change {
        Manifest now;
        std::optional<Manifest> before;
    };
    Change install(const std::filesystem::path& source);  // Conflict when it is installed or shipped
    // Conflict for another signer (unless forced), an older version, other content under the same version.
    Change update(const std::filesystem::path& source);
    Change rollback(const std::string& id);  // Conflict when the version before may not run any more
    Manifest remove(const std::string& id);

private:
    struct Staged {
        std::filesystem::path folder;
        Manifest manifest;
    };
    Staged stage(const std::filesystem::path& source);
    Manifest current(const std::string& id) const;
    void check(const Manifest& manifest) const;
    void checkSigner(const Manifest& before, const Manifest& now) const;

    const Options options_;
    PluginFolder folder_;
};

// Why the library in a plugin's folder would be refused, one sentence each; see elf.h.
std::vector<std::string> libraryProblems(const Manifest& manifest);

// "built in", "signed by acme", "modified: the file x is …", "unsigned": how people are told.
std::string trustText(const Trust& trust);

}  // namespace portico::manifest
