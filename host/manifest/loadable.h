// SPDX-License-Identifier: Apache-2.0
// Whether a host of a given ABI takes a plugin, from what is known without running it. The registry asks before each
// load, installing asks before it copies, and preflight asks for a host that is not there yet. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/manifest.h"

namespace portico::manifest {

struct HostOffer {
    int abi_major = 0, abi_minor = 0;
    std::vector<std::string_view> tables;  // ids of the abilities it has
    bool drafts = false;                   // whether the operator allows portico.draft.*
};

// Why not, one sentence each; empty when it may be loaded.
std::vector<std::string> loadProblems(const Manifest& manifest, const HostOffer& host);

}  // namespace portico::manifest
