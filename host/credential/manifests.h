// SPDX-License-Identifier: Apache-2.0
// The manifests of the installed plugins as the vault itself read and verified them: it does not believe the server
// about rules. Thread-safe; a manifest stays valid for whoever holds the pointer.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "host/manifest/signature.h"

namespace portico::credential {

class Manifests {
public:
    // `plugins`: those that came with Portico, and the operator's own after them.
    Manifests(std::vector<std::filesystem::path> plugins, std::filesystem::path keys, bool developer_mode);

    void reload();
    // Throws NotFound for an unknown plugin, Denied "plugin_untrusted" for one whose files are not as signed.
    std::shared_ptr<const manifest::Manifest> find(const PluginId& id) const;
    // As find(), but nothing instead of an exception: for showing a connection whose plugin is gone.
    std::shared_ptr<const manifest::Manifest> peek(const PluginId& id) const;

private:
    using Map = std::map<PluginId, std::shared_ptr<const manifest::Manifest>>;

    const std::vector<std::filesystem::path> plugins_;
    const std::filesystem::path keys_;
    const bool developer_mode_;
    mutable std::mutex mutex_;  // guards the pointer, not the map
    std::shared_ptr<const Map> map_;
};

}  // namespace portico::credential
