// SPDX-License-Identifier: Apache-2.0
// Asking the running server, over DATA/run/admin.sock (0600: whoever may open it owns the data anyway). Functions for
// the command line; one thread at a time.
#pragma once

#include <optional>
#include <string>

#include "host/base/json.h"

namespace portico::app {

// Throws Unavailable "not_running" that says how to start it, or what the server answered.
Json ask(const std::string& data, const std::string& method, const Json& question, std::string_view body = {});
// Nothing when no server runs on that data.
std::optional<Json> askIfRunning(const std::string& data, const std::string& method, const Json& question);

}  // namespace portico::app
