// SPDX-License-Identifier: Apache-2.0
// Files that a user chose on Google's page: the plugin adopts them, their bytes are fetched, and they become files
// here. Used by one worker for one call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/api/call.h"

namespace portico::api {

// Returns how many arrived. One that cannot be fetched (too large, gone) is left out and logged; when none can, the
// first reason is thrown.
int takePickedFiles(Call& call, const ConnectionId& connection, const std::vector<std::string>& ids,
                    const std::optional<std::string>& contact_id);

}  // namespace portico::api
