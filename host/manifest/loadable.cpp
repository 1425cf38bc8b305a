// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/loadable.h"

#include <algorithm>

namespace portico::manifest {
namespace {

std::string version(int major, int minor) { return std::to_string(major) + "." + std::to_string(minor); }

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

}  // namespace

std::vector<std::string> loadProblems(const Manifest& manifest, const HostOffer& host) {
    std::vector<std::string> problems;
    if (manifest.trust.state == Trust::State::Modified)
        problems.push_back("was changed after it was signed, or by whom is not known: " + manifest.trust.why +
                           "; install it again, or add its author's key");
    else if (!manifest.trust.may_run)
        problems.push_back(
            "is not signed by a key this installation trusts; get a signed copy, or use developer mode to try it");
    if (manifest.abi_major != host.abi_major || manifest.abi_minor > host.abi_minor)
        problems.push_back("needs host ABI " + version(manifest.abi_major, manifest.abi_minor) + ", this is " +
                           version(host.abi_major, host.abi_minor));
    std::vector<std::string> missing, drafts;
    for (const std::string& name : manifest.requires_host) {
        if (name.starts_with("portico.draft.") && !host.drafts) drafts.push_back(name);
        if (std::find(host.tables.begin(), host.tables.end(), name) == host.tables.end()) missing.push_back(name);
    }
    if (!drafts.empty())
        problems.push_back("uses drafts, which an operator must allow (plugins.allow_drafts): " + joined(drafts));
    if (!missing.empty()) problems.push_back("needs abilities that this host lacks: " + joined(missing));
    return problems;
}

}  // namespace portico::manifest
