// SPDX-License-Identifier: Apache-2.0
// Reads the `connections` part of plugin.json; see manifest.h. Thread-safe function.
#pragma once

#include "host/manifest/manifest.h"

namespace portico::manifest {

// `path` is the JSON path of the value, for errors.
Connection parseConnection(const Json& json, const std::string& path);

}  // namespace portico::manifest
