// SPDX-License-Identifier: Apache-2.0
// Erasing what a plugin has of a tenant: everyone's connections to it, what its streams linked, its store and settings.
// Used by one worker for one call.
#pragma once

#include "host/api/call.h"

namespace portico::api {

// The plugin is disabled already. Can be repeated after a failure: what is gone stays gone. Returns what was removed.
Json erasePlugin(Call& call, const PluginId& id);

}  // namespace portico::api
