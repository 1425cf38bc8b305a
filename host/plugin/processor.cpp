// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/processor.h"

#include <ctime>

namespace portico::plugin {

std::optional<std::int64_t> processorTime(pid_t pid) noexcept {
    clockid_t clock;
    timespec used{};
    if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return std::nullopt;
    return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

}  // namespace portico::plugin
