// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/installer.h"

#include "host/base/error.h"
#include "host/manifest/elf.h"
#include "host/manifest/version.h"

namespace portico::manifest {
namespace {

[[noreturn]] void refuse(const std::string& reason, const std::string& text) {
    throw Error(Code::Conflict, reason, text);
}

std::string called(const Manifest& manifest) { return manifest.id.str() + " " + manifest.version; }

std::string signer(const Manifest& manifest) {
    return manifest.trust.signed_by.empty() ? "nobody" : manifest.trust.signed_by;
}

// A word that is a plugin's id and nothing that leads out of the folder.
void checkId(const std::string& id) {
    if (!Pattern("[a-z][a-z0-9]*([.-][a-z0-9]+)*").matches(id))
        throw Error(Code::Invalid, "bad_id", "'" + id.substr(0, 64) + "' is not a plugin's id");
}

}  // namespace

std::vector<std::string> libraryProblems(const Manifest& manifest) {
    try {
        return loadFaults(readElf(readFile(manifest.folder / manifest.library, 256u << 20)));
    } catch (const Error& error) {
        return {error.what()};
    }
}

std::string trustText(const Trust& trust) {
    switch (trust.state) {
        case Trust::State::BuiltIn: return "built in";
        case Trust::State::Signed: return "signed by " + trust.signed_by;
        case Trust::State::Modified: return "modified: " + trust.why;
        case Trust::State::Unsigned: return "unsigned";
    }
    return "unsigned";
}

Installer::Staged Installer::stage(const std::filesystem::path& source) {
    Staged staged{folder_.stage(source), {}};
    staged.manifest = load(staged.folder, options_.keys, options_.developer_mode);
    check(staged.manifest);
    return staged;
}

void Installer::check(const Manifest& manifest) const {
    for (const Found& shipped : scan({options_.shipped}, {}, false))
        if (shipped.manifest.id == manifest.id)
            refuse("shipped", manifest.id.str() + " came with Portico (" + shipped.folder.string() +
                                  "); it is updated with Portico and cannot be installed over");
    std::string all;
    for (const std::string& problem : loadProblems(manifest, options_.host)) all += "\n  it " + problem;
    for (const std::string& problem : libraryProblems(manifest)) all += "\n  its library is refused: " + problem;
    if (manifest.builtin_required)
        all +=
            "\n  it says that no business may switch it off (builtin_required); only those that come with Portico may";
    if (!all.empty()) throw Error(Code::Denied, "plugin_refused", called(manifest) + " cannot be used here:" + all);
}

Manifest Installer::current(const std::string& id) const {
    checkId(id);
    if (!std::filesystem::exists(folder_.current(id)))
        throw Error(Code::NotFound, "not_installed",
                    id + " is not installed in " + options_.installed.string() +
                        "; `portico plugin list` shows what is, `portico plugin install` adds it");
    return load(folder_.current(id), options_.keys, options_.developer_mode);
}

Installer::Change Installer::install(const std::filesystem::path& source) {
    Staged staged = stage(source);
    const std::string id = staged.manifest.id.str();
    if (std::filesystem::exists(folder_.current(id)))
        refuse("installed", id + " is installed already; `portico plugin update` replaces it");
    folder_.put(staged.folder, id);
    return {std::move(staged.manifest), std::nullopt};
}

// A key is the only thing that says an update comes from whom the first version came from.
void Installer::checkSigner(const Manifest& before, const Manifest& now) const {
    if (options_.force) return;
    if (before.trust.state == Trust::State::Modified)
        refuse("other_signer", called(before) + " does not hold its signature any more (" + before.trust.why +
                                   "), so who made it cannot be told. If this update is its author's, use --force");
    if (signer(before) == signer(now)) return;
    refuse(
        "other_signer",
        called(before) + " is signed by " + signer(before) + " and this update by " + signer(now) +
            ". An update by somebody else gets the data and the connected accounts of the plugin it replaces. If its "
            "author has a new key, ask them where they say so, and then use --force");
}

Installer::Change Installer::update(const std::filesystem::path& source) {
    Staged staged = stage(source);
    const std::string id = staged.manifest.id.str();
    Manifest before = current(id);
    checkSigner(before, staged.manifest);
    const auto order = compareVersions(staged.manifest.version, before.version);
    if (order < 0)
        refuse("downgrade", called(before) + " is installed, which is newer than " + staged.manifest.version +
                                "; `portico plugin rollback " + id + "` goes back to the version before");
    if (order == 0 && !options_.developer_mode && before.trust.state != Trust::State::Modified) {
        if (staged.manifest.trust.files == before.trust.files)
            refuse("same_version", called(before) + " is installed already; there is nothing to update");
        refuse("same_version", "this is another " + called(before) +
                                   " than the one that is installed; a change needs a new version number");
    }
    folder_.replace(staged.folder, id);
    return {std::move(staged.manifest), std::move(before)};
}

Installer::Change Installer::rollback(const std::string& id) {
    Manifest now = current(id);
    if (!std::filesystem::exists(folder_.previous(id)))
        refuse("no_previous", "there is no version of " + id + " before " + now.version + " to go back to");
    Manifest before = load(folder_.previous(id), options_.keys, options_.developer_mode);
    check(before);
    folder_.swapWithPrevious(id);
    return {std::move(before), std::move(now)};
}

Manifest Installer::remove(const std::string& id) {
    checkId(id);
    Manifest gone;
    gone.id = PluginId(id);
    if (!std::filesystem::exists(folder_.current(id))) gone = current(id);  // says that it is not there
    try {
        gone = current(id);
    } catch (const Error&) {
        // What cannot be read can be removed all the same.
    }
    folder_.remove(id);
    return gone;
}

}  // namespace portico::manifest
