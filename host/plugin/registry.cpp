// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/registry.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/manifest/elf.h"
#include "host/plugin/host_offer.h"
#include "host/wire/spawn.h"

namespace portico::plugin {

using manifest::loadProblems;

namespace {

std::string joined(const std::string& subject, const std::vector<std::string>& sentences) {
    std::string all;
    for (const std::string& sentence : sentences) all += (all.empty() ? subject + " " : "; it ") + sentence;
    return all;
}

// So that a rebuilt library counts as a change although nobody signed it.
void noteUnsignedLibrary(manifest::Manifest& manifest) {
    if (manifest.trust.state != manifest::Trust::State::Unsigned || !manifest.trust.may_run) return;
    try {
        manifest.trust.files[manifest.library] = toHex(sha256(readFile(manifest.folder / manifest.library)));
    } catch (const Error&) {
        // Starting it says that it cannot be read.
    }
}

// Why the library would not be loaded, as far as its bytes say; one that cannot be read at all is no reason to try
// again.
std::vector<std::string> faultsOf(const std::string& library) {
    try {
        return manifest::loadFaults(manifest::readElf(library));
    } catch (const Error& error) {
        return {error.what()};
    }
}

bool same(const manifest::Manifest& a, const manifest::Manifest& b) {
    return a.id == b.id && a.folder == b.folder && a.hash == b.hash && a.trust.state == b.trust.state &&
           a.trust.files == b.trust.files && a.trust.may_run == b.trust.may_run;
}

}  // namespace

Registry::Registry(Options options) : options_(std::move(options)) { reload(); }

// Why a plugin with a readable manifest still cannot run; empty when it can.
std::string Registry::refusal(const manifest::Manifest& manifest) const {
    if (manifest.builtin_required && manifest.folder.parent_path() == options_.installed)
        return "the plugin " + manifest.id.str() +
               " says that no business may switch it off (builtin_required); only those that come with Portico may";
    const auto& allowed = options_.allowed;
    if (!manifest.builtin_required && !allowed.empty() &&
        std::find(allowed.begin(), allowed.end(), manifest.id.str()) == allowed.end())
        return "the plugin " + manifest.id.str() +
               " is not among those that the operator of this installation allows (plugins.allowed)";
    return joined("the plugin " + manifest.id.str(), loadProblems(manifest, hostOffer(options_.drafts)));
}

void Registry::reload() {
    manifest::TrustedKeys keys =
        options_.keys_folder.empty() ? options_.keys : manifest::readKeys(options_.keys_folder);
    std::vector<manifest::Found> found =
        manifest::scan({options_.folder, options_.installed}, keys, options_.developer_mode);
    const std::lock_guard lock(mutex_);
    std::map<std::string, Installed> now;
    for (manifest::Found& each : found) {
        if (each.manifest.id.empty() || !each.problem.empty())
            each.manifest.id = PluginId(each.folder.filename().string());
        if (each.problem.empty()) noteUnsignedLibrary(each.manifest);
        const auto known = std::find_if(manifests_.begin(), manifests_.end(), [&](const manifest::Manifest& before) {
            return each.problem.empty() && same(before, each.manifest);
        });
        const manifest::Manifest* manifest =
            known != manifests_.end() ? &*known : &manifests_.emplace_back(std::move(each.manifest));
        const std::string problem = each.problem.empty() ? refusal(*manifest) : each.problem;
        if (each.problem.empty())
            now.insert_or_assign(manifest->id.str(), Installed{manifest, problem});
        else
            now.emplace(manifest->id.str(), Installed{manifest, problem});  // never hides a good one
    }
    current_ = std::move(now);
}

std::vector<Registry::Installed> Registry::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<Installed> all;
    for (const auto& [id, installed] : current_) all.push_back(installed);
    return all;
}

Registry::Installed Registry::find(const PluginId& id) const {
    const std::lock_guard lock(mutex_);
    const auto at = current_.find(id.str());
    if (at == current_.end())
        throw Error(Code::NotFound, "no_plugin", "there is no plugin '" + id.str().substr(0, 64) + "' installed");
    return at->second;
}

Fd Registry::openLibrary(const manifest::Manifest& manifest) const {
    if (const std::string problem = refusal(manifest); !problem.empty())
        throw Error(Code::Denied, "plugin_refused", problem);
    const std::string bytes = readFile(manifest.folder / manifest.library);
    Fd sealed = wire::sealedCopy(bytes, manifest.id.str());
    // The bytes just sealed, not the file: it may have changed since its folder was verified.
    const auto listed = manifest.trust.files.find(manifest.library);
    if (manifest.trust.state != manifest::Trust::State::Unsigned &&
        (listed == manifest.trust.files.end() || listed->second != toHex(sha256(bytes))))
        throw Error(
            Code::Denied, "plugin_refused",
            "the library of " + manifest.id.str() + " is not the one that was signed; install the plugin again");
    const auto faults = faultsOf(bytes);
    if (!faults.empty())
        throw Error(Code::Denied, "plugin_refused",
                    joined("the library of " + manifest.id.str() + " is refused:", faults));
    return sealed;
}

}  // namespace portico::plugin
