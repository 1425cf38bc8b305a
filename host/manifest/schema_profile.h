// SPDX-License-Identifier: Apache-2.0
// The profile of JSON Schema that a manifest may use for settings and for the arguments of actions: what the host can
// check and the UI can show as a form. A keyword outside of it is refused when the manifest is read, because ignoring
// it later would let through what its author meant to refuse. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.h"

namespace portico::manifest {

bool isProfileKeyword(std::string_view keyword);

// The values that a schema of the profile leaves to choose from, in its order: those of enum, or those of oneOf, whose
// titles people see. Nothing when any value goes.
std::optional<std::vector<Json>> choicesOf(const Json& schema);

// A schema of type object. Throws Invalid naming the JSON path of the fault, which starts with `path`.
void checkProfile(const Json& schema, const std::string& path);

}  // namespace portico::manifest
