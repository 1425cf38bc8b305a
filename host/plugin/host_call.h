// SPDX-License-Identifier: Apache-2.0
// One call from the host into a plugin: for whom, what the plugin may use meanwhile, and how to stop it. The host
// tables find it behind the portico_call that comes back to them, so a plugin cannot name another tenant, user or
// connection. Confined to the thread that makes the call.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/base/call_context.h"
#include "host/manifest/manifest.h"
#include "host/plugin/blob_exchange.h"
#include "host/plugin/calls.h"
#include "host/storage/database.h"
#include "host/wire/core/abi_call.h"
#include "host/wire/core/control.h"

namespace portico::credential {
class Vault;
}

namespace portico::plugin {

class LogBook;

// What the host tables work with. All of it is thread-safe and outlives every call.
struct HostServices {
    storage::Database& database;
    credential::Vault& vault;
    BlobExchange& blobs;
    const Clock& clock;
    LogBook* logs = nullptr;  // where plugins' log lines are also kept
};

class HostCall final : public wire::AbiCall {
public:
    // `lane` carries the call and `control` its cancelling, which `running` (nullptr: nobody cancels) decides.
    HostCall(const CallScope& scope, const manifest::Manifest& manifest, const HostServices& services, std::uint64_t id,
             std::uint64_t settings_revision, RunningCall* running, wire::Lane& lane, wire::ControlLane& control);
    ~HostCall();  // the vault then forgets its lease

    static HostCall& of(const portico_call* call) { return static_cast<HostCall&>(AbiCall::of(call)); }

    const CallScope& scope() const { return scope_; }
    const manifest::Manifest& manifest() const { return manifest_; }
    const HostServices& services() const { return services_; }
    // For changes that the plugin makes itself; events name it as the way they came in.
    CallContext changeContext() const {
        return {scope_.tenant, {scope_.actor.user, "plugin:" + manifest_.id.str()}, scope_.deadline, scope_.trace, {}};
    }
    // Whether the plugin should stop: nobody waits for it any more, or it may no longer work for this tenant.
    bool stopped() noexcept { return canceller_.wish() != wire::Wish::GoOn; }
    // Throws Cancelled when it should. For host functions that work piece by piece.
    void checkpoint();
    // What the vault lets this call's requests pass with; taken out at the first.
    const std::string& lease();
    // Throws Denied unless the manifest asks for that access to that kind of record.
    void requireRecord(std::string_view kind, bool write) const;
    // The same for reading a file's content by its blob; Denied "withheld" when it came from elsewhere (exits.h).
    void requireContent(const std::string& blob) const;

private:
    class Canceller final : public wire::Overseer {
    public:
        Canceller(RunningCall* running, wire::ControlLane& control, std::uint64_t id)
            : running_(running), control_(control), id_(id) {}
        wire::Wish wish() noexcept override { return running_ != nullptr ? running_->wish() : wire::Wish::GoOn; }
        void tell() noexcept override;

    private:
        RunningCall* running_;
        wire::ControlLane& control_;
        std::uint64_t id_;
    };

    const CallScope& scope_;
    const manifest::Manifest& manifest_;
    const HostServices& services_;
    Canceller canceller_;
    std::string lease_;
};

}  // namespace portico::plugin
