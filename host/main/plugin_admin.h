// SPDX-License-Identifier: Apache-2.0
// What `portico plugin` asks of the running server. Thread-safe functions.
#pragma once

#include "host/base/json.h"
#include "host/main/admin.h"

namespace portico::app {

// {"plugins":[{"id","version","name","trust","state","problem","level","tenants":[slugs],"connections":n}]}: every
// plugin the server knows, and who uses it.
Json listPlugins(const AdminParts& parts);

// Plugins::reload(), events for what may hear of them now, and a start of what is new. Answers as listPlugins().
Json reloadPlugins(const AdminParts& parts);

}  // namespace portico::app
