// SPDX-License-Identifier: Apache-2.0
#include "host/credential/manifests.h"

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {

Manifests::Manifests(std::vector<std::filesystem::path> plugins, std::filesystem::path keys, bool developer_mode)
    : plugins_(std::move(plugins)), keys_(std::move(keys)), developer_mode_(developer_mode) {
    reload();
}

void Manifests::reload() {
    auto fresh = std::make_shared<Map>();
    for (manifest::Found& found : manifest::scan(plugins_, manifest::readKeys(keys_), developer_mode_)) {
        if (!found.problem.empty()) {
            log::warning("plugin_unreadable", {{"folder", found.folder.string()}, {"why", found.problem}});
            continue;
        }
        const PluginId id = found.manifest.id;
        fresh->emplace(id, std::make_shared<const manifest::Manifest>(std::move(found.manifest)));
    }
    const std::lock_guard lock(mutex_);
    map_ = std::move(fresh);
}

std::shared_ptr<const manifest::Manifest> Manifests::peek(const PluginId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = map_->find(id);
    return found == map_->end() ? nullptr : found->second;
}

std::shared_ptr<const manifest::Manifest> Manifests::find(const PluginId& id) const {
    auto manifest = peek(id);
    if (!manifest) throw Error(Code::NotFound, "no_plugin", "no plugin '" + id.str() + "' is installed");
    if (!manifest->trust.may_run)
        throw Error(Code::Denied, "plugin_untrusted",
                    "plugin " + id.str() + " is " + std::string(manifest::trustName(manifest->trust.state)) +
                        (manifest->trust.file.empty() ? "" : " (" + manifest->trust.file + ")") +
                        ", so it gets no access to any account");
    return manifest;
}

}  // namespace portico::credential
