// SPDX-License-Identifier: Apache-2.0
// Plugins as the API shows them: what they ask for, how they fare, what an update wants beyond what was agreed to, and
// who uses them. Functions over values or a call; confined to its worker, outside transactions.
#pragma once

#include "host/api/call.h"
#include "host/api/ports.h"

namespace portico::api {

bool hasSettings(const manifest::Manifest& manifest);

// Without people: they are for admins who look at one plugin.
Json pluginJson(const PluginView& plugin);

// Each person of the business with their connections to the plugin, or null when it connects no accounts. Not whose
// account it is: an e-mail address is kept to identify the account to its owner and for nothing else.
Json peopleJson(Call& call, const manifest::Manifest& manifest);

}  // namespace portico::api
