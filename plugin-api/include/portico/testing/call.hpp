// SPDX-License-Identifier: Apache-2.0
// A call as the host would make it, for tests: tenant, actor, connection, virtual clock, cancel button, and what the
// plugin said when it failed. One thread at a time; must outlive the calls made with it.
#pragma once

#include <cstring>
#include <string>

#include <portico/plugin/core.hpp>

namespace portico::sdk::testing {

class FakeCall {
public:
    std::string tenant = "tenant-a", actor = "user-1", connection = "connection-1";
    std::int64_t now_ms = 1'795'251'600'000;  // 2026-11-21T09:00:00Z
    std::int64_t deadline_ns = INT64_MAX;
    std::uint64_t settings_revision = 1;
    int probes_until_cancel = -1;  // how often cancelled() answers "no"; negative: for ever

    std::string code, message;  // the last call->fail
    std::int64_t retry_after_ms = 0;
    // Set by the fake host when it refuses.
    std::string why_code, why;
    std::int64_t why_retry_after_ms = 0;

    void cancel() { probes_until_cancel = 0; }  // the caller has given up
    void expire() { deadline_ns = 1; }          // the time for the call is used up
    void advance(std::int64_t ms) { now_ms += ms; }

    FakeCall() = default;
    FakeCall(const FakeCall&) = delete;
    FakeCall& operator=(const FakeCall&) = delete;

    // For one call: what the last one said is forgotten.
    const portico_call* raw() {
        code.clear(), message.clear(), retry_after_ms = 0;
        raw_.struct_size = sizeof raw_;
        raw_.id = ++calls_;
        raw_.deadline_ns = deadline_ns;
        raw_.now_ms = now_ms;
        raw_.settings_revision = settings_revision;
        raw_.tenant = span(tenant);
        raw_.actor = span(actor);
        raw_.connection = span(connection);
        raw_.owner = this;
        raw_.cancelled = [](const portico_call* call) -> std::int32_t {
            int& left = of(call).probes_until_cancel;
            return left < 0 ? 0 : left == 0 ? 1 : (--left, 0);
        };
        raw_.fail = [](const portico_call* call, portico_str what, portico_str words, std::int64_t retry_ms) {
            of(call).code = view(what);
            of(call).message = view(words);
            of(call).retry_after_ms = retry_ms;
        };
        raw_.why = [](const portico_call* call) -> portico_failure {
            return {span(of(call).why_code), span(of(call).why), of(call).why_retry_after_ms};
        };
        return &raw_;
    }

    static FakeCall& of(const portico_call* call) { return *static_cast<FakeCall*>(call->owner); }

private:
    portico_call raw_{};
    std::uint64_t calls_ = 0;
};

}  // namespace portico::sdk::testing
