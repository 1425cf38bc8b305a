// SPDX-License-Identifier: Apache-2.0
#include "host/check/home.h"

namespace portico::check {

std::vector<Ask> Home::questions(const manifest::Manifest& manifest) const {
    std::vector<Ask> all = script(manifest);
    std::erase_if(all, [&](const Ask& ask) { return !offered(tables(), ask.function); });
    return all;
}

void Home::begin() {
    if (const Reply created = create(); !created.ok())
        throw Fault("create failed with " + statusText(created.status) + ": " + created.failure.text);
    if (const Reply started = start("{}"); !started.ok())
        throw Fault("start failed with " + statusText(started.status) + ": " + started.failure.text);
}

void Home::end() {
    if (const Reply stopped = stop(); !stopped.ok())
        throw Fault("stop failed with " + statusText(stopped.status) + ": " + stopped.failure.text);
    destroy();
}

wire::AbiCall::Context contextOf(const CallOptions& options) {
    static std::atomic<std::uint64_t> next{1000};
    wire::AbiCall::Context context;
    context.id = options.id != 0 ? options.id : ++next;
    context.deadline_ns = wire::nowNs() + options.deadline_ms * 1'000'000;
    context.now_ms = 1'767'600'000'000;  // 2026-01-05T08:00:00Z, always: answers must not depend on when they are given
    context.settings_revision = 1;
    context.tenant = options.tenant;
    context.actor = options.actor;
    context.connection = options.connection;
    return context;
}

void requireNoFaults(const StrictHost& host) {
    const std::vector<std::string> all = host.faults();
    if (all.empty()) return;
    std::string words;
    for (const std::string& each : all) words += (words.empty() ? "" : "; ") + each;
    throw Fault(words);
}

}  // namespace portico::check
