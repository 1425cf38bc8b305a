// SPDX-License-Identifier: Apache-2.0
// What most tests begin with: a plugin created and started in this process under a StrictHost of its own. One thread
// unless the test says otherwise.
#pragma once

#include <algorithm>

#include "host/check/local.h"

namespace portico::check {

struct Bench {
    explicit Bench(const Subject& of, StrictHost::Shape shape = StrictHost::Shape::Exact)
        : subject(of), host(of.manifest, shape), plugin(of, host) {}

    void begin() { plugin.begin(); }
    // Every question of the script; throws Fault for the first answer that breaks the contract.
    void askAll(const CallOptions& options = {}) {
        for (const Ask& ask : plugin.questions(subject.manifest)) judged(ask, options);
    }
    Reply judged(const Ask& ask, const CallOptions& options = {}) {
        Reply reply = plugin.call(ask, options);
        if (const std::string fault = faultOf(subject.manifest, ask, reply); !fault.empty()) throw Fault(fault);
        return reply;
    }
    // stop and destroy, and then nothing may have been noticed.
    void end() {
        plugin.end();
        requireNoFaults(host);
    }

    const Subject& subject;
    StrictHost host;
    Local plugin;
};

// For tests about one table. Throws NotApplicable when the manifest does not provide it.
inline void needs(const Subject& subject, std::string_view table) {
    if (!subject.manifest.provided(table)) throw NotApplicable("the plugin does not provide " + std::string(table));
}

inline bool asksFor(const Subject& subject, std::string_view table) {
    const auto has = [&](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), table) != list.end();
    };
    return has(subject.manifest.requires_host) || has(subject.manifest.optional_host);
}
inline void needsHost(const Subject& subject, std::string_view table) {
    if (!asksFor(subject, table)) throw NotApplicable("the plugin does not ask for " + std::string(table));
}

}  // namespace portico::check
