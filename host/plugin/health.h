// SPDX-License-Identifier: Apache-2.0
// How a plugin fares, for the people who depend on it. Of this server's run: a restart forgets. A plain value.
#pragma once

#include <optional>
#include <string>

#include "host/base/clock.h"

namespace portico::plugin {

struct Health {
    std::optional<Instant> since;            // of the present state
    std::optional<Instant> last_failure_at;  // crash or failed start, also after it recovered
    std::string last_failure;
    std::optional<Instant> next_try_at;  // when it starts again by itself
    int crashes = 0;                     // within RestartPolicy::kWindow
};

}  // namespace portico::plugin
