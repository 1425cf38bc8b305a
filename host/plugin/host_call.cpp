// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/host_call.h"

#include <algorithm>
#include <cstring>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/vault.h"
#include "host/crm/files.h"
#include "host/plugin/exits.h"

namespace portico::plugin {
namespace {

void copyTrace(const std::string& hex, std::uint8_t (&out)[16]) {
    if (!isId(hex)) return;  // 32 hex digits; a call without a trace has sixteen zero bytes
    for (std::size_t i = 0; i < sizeof out; ++i)
        out[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
}

wire::AbiCall::Context contextOf(const CallScope& scope, const HostServices& services, std::uint64_t id,
                                 std::uint64_t revision) {
    wire::AbiCall::Context context;
    context.id = id;
    context.deadline_ns = scope.deadline.ns();
    context.now_ms = toMillis(services.clock.now());
    context.settings_revision = revision;
    context.tenant = scope.tenant.str();
    context.actor = scope.actor.str();
    context.connection = scope.connection.str();
    copyTrace(scope.trace, context.trace_id);
    std::memcpy(context.span_id, &id, sizeof context.span_id);
    return context;
}

}  // namespace

HostCall::HostCall(const CallScope& scope, const manifest::Manifest& manifest, const HostServices& services,
                   std::uint64_t id, std::uint64_t settings_revision, RunningCall* running, wire::Lane& lane,
                   wire::ControlLane& control)
    : AbiCall(contextOf(scope, services, id, settings_revision), &lane, nullptr),
      scope_(scope),
      manifest_(manifest),
      services_(services),
      canceller_(running, control, id) {
    overseer = &canceller_;
}

HostCall::~HostCall() {
    if (lease_.empty()) return;
    try {
        services_.vault.endLease(lease_);
    } catch (const Error& error) {
        // Its deadline ends it, or did already with the vault's process.
        log::info("lease_not_ended", {{"plugin", manifest_.id.str()}, {"reason", error.reason()}});
    }
}

const std::string& HostCall::lease() {
    checkpoint();
    if (lease_.empty())
        lease_ = services_.vault.lease({scope_.tenant, scope_.actor.user, manifest_.id, scope_.connection, scope_.trace,
                                        Deadline::atNs(context().deadline_ns)});
    return lease_;
}

void HostCall::requireRecord(std::string_view kind, bool write) const {
    for (const manifest::RecordAccess& each : manifest_.records)
        if (each.kind == kind && (write ? each.write : each.read)) return;
    throw Error(Code::Denied, "record_permission",
                "the plugin's manifest does not ask to " + std::string(write ? "write " : "read ") + std::string(kind) +
                    " records");
}

void HostCall::requireContent(const std::string& blob) const {
    requireRecord("file", false);
    const bool may = services_.database.read(scope_.tenant, [&](storage::Tx& tx) {
        const auto file = crm::Files(tx, services_.clock.now()).withBlob(blob);
        if (!file) return true;  // one that is being written
        const auto places = Reader(tx, manifest_).withheld("file", file->provenance);
        return std::find(places.begin(), places.end(), "/blob") == places.end();
    });
    if (!may)
        throw Error(Code::Denied, "withheld", "read a file: its content came from elsewhere and is not passed on");
}

void HostCall::checkpoint() {
    if (stopped()) throw Error(Code::Cancelled, "cancelled", "the call was cancelled");
}

void HostCall::Canceller::tell() noexcept {
    try {
        control_.send(wire::Kind::Cancel, static_cast<std::int64_t>(id_));
    } catch (const std::exception&) {
        // The runner is gone, which its lanes tell in a moment.
    }
}

}  // namespace portico::plugin
