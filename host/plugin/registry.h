// SPDX-License-Identifier: Apache-2.0
// The plugins that are installed: their manifests, what their signatures prove, and their libraries' bytes.
// Thread-safe. Invariants: a manifest, once returned, lives as long as the registry (reload() adds, never removes from
// memory); a library is handed out only as a sealed copy whose own hash was compared with the signed one and whose ELF
// header holds nothing unexpected.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/fd.h"
#include "host/manifest/manifest.h"
#include "host/manifest/signature.h"

namespace portico::plugin {

class Registry {
public:
    struct Options {
        std::filesystem::path folder;  // one folder per plugin: those that came with Portico
        manifest::TrustedKeys keys;
        bool developer_mode = false;             // lets unsigned plugins run (sandboxed like all); modified ones never
        std::filesystem::path installed = {};    // the operator's own, looked at after the shipped ones
        std::filesystem::path keys_folder = {};  // read instead of `keys` at each reload
        std::vector<std::string> allowed = {};   // ids that may be used here; empty: all that are trusted
        bool drafts = false;                     // abilities that may still change
    };
    explicit Registry(Options options);

    // Reads keys and folders again, after something was installed, updated or removed.
    void reload();

    struct Installed {
        const manifest::Manifest* manifest;  // never null; of an unreadable plugin only id (its folder's name) is set
        std::string problem;                 // why it cannot run; empty when it can
    };
    std::vector<Installed> list() const;
    // Throws NotFound for an id that is not installed.
    Installed find(const PluginId& id) const;

    // The library in a sealed memory file. Throws Denied when the plugin may not run, its bytes are not those signed,
    // or the dynamic loader would do more with them than load a plugin.
    Fd openLibrary(const manifest::Manifest& manifest) const;

private:
    std::string refusal(const manifest::Manifest& manifest) const;

    const Options options_;
    mutable std::mutex mutex_;
    std::deque<manifest::Manifest> manifests_;  // every version ever read, once, so that references stay good
    std::map<std::string, Installed> current_;
};

}  // namespace portico::plugin
