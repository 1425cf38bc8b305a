// SPDX-License-Identifier: Apache-2.0
// What `portico plugin dev` asks of the running server. Thread-safe functions.
#pragma once

#include "host/base/json.h"
#include "host/main/admin.h"

namespace portico::app {

// {"id"} -> {"developer_mode","shipped","newest"}: whether unsigned plugins run here, whether this id came with
// Portico, and the number of the newest log line.
Json developerState(const AdminParts& parts, const Json& question);

// {"id","after","wait_ms"} -> {"lines":[{"number","at","level","event","fields","call"}]}: the plugin's log lines after
// that number; waits for the first, at most a second.
Json pluginLog(const AdminParts& parts, const Json& question);

}  // namespace portico::app
