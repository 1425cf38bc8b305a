// SPDX-License-Identifier: Apache-2.0
// The seccomp filter that portico-server and portico-vault share: no program to start, no other process to look into,
// no kernel doors. Everything else stays allowed: both are large programs with libraries of their own mind (the runner,
// which loads strangers' code, has a list of what is allowed instead: runner/filter.h).
#pragma once

#include <vector>

namespace portico::app {

// For every thread, from now on: these calls and the common ones fail with EPERM. Throws Error when refused.
void forbidCalls(const std::vector<int>& more);

}  // namespace portico::app
