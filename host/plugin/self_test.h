// SPDX-License-Identifier: Apache-2.0
// Does the sandbox hold on this machine, today? The escape probe (plugins/escape-probe) is loaded exactly as a plugin
// is and tries to get out, while it is loaded and when it is called. If any attempt succeeds, no plugin may start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/plugin/instance.h"

namespace portico::plugin {

struct SelfTest {
    Sandbox sandbox;                   // what a plugin gets here; level 0 when the probe did not start
    int refused = 0;                   // attempts that the sandbox refused
    std::vector<std::string> escapes;  // those that it did not: "call.S2.socket_tcp=allowed"
    std::string problem;               // why no plugin may start, in words; empty when the sandbox holds
};

// `library`: the probe's bytes. `closed`: paths that must not open. Never throws: what goes wrong is the problem.
SelfTest testSandbox(wire::RunnerSource& source, const HostServices& services, std::string_view library,
                     const std::vector<std::string>& closed, Instance::Options options);

// Judges the probe's report (plugins/escape-probe/escape_probe.cpp says how it reads) for a level.
void judge(std::string_view report, SelfTest& result);

}  // namespace portico::plugin
