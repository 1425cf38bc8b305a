// SPDX-License-Identifier: Apache-2.0
// Order of plugin versions: major.minor.patch as numbers, then the pre-release as Semantic Versioning 2.0 orders it
// (1.0.0-rc.2 < 1.0.0-rc.10 < 1.0.0). Pure function.
#pragma once

#include <compare>
#include <string_view>

namespace portico::manifest {

std::strong_ordering compareVersions(std::string_view a, std::string_view b);

}  // namespace portico::manifest
