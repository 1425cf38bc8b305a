// SPDX-License-Identifier: Apache-2.0
// The owner of one portico_call: its texts, its failure in both directions, the lane it came over or goes out on. Host
// and runner make their calls with it, so that code on either side of the ABI cannot tell a local peer from a remote.
// Confined to the thread serving the call, except cancelled(), which any thread may ask.
#pragma once

#include <atomic>
#include <string>

#include "host/wire/core/codec.h"
#include "host/wire/core/lane.h"
#include "plugin-api/include/portico/abi.h"

namespace portico::wire {

inline std::string_view view(portico_str text) { return {text.data, text.size}; }
inline std::string_view view(portico_bytes bytes) { return {static_cast<const char*>(bytes.data), bytes.size}; }
inline portico_str asStr(std::string_view text) { return {text.data(), text.size()}; }
inline portico_bytes asBytes(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class AbiCall {
public:
    struct Context {
        std::uint64_t id = 0;
        std::int64_t deadline_ns = kNever;
        std::int64_t now_ms = 0;
        std::uint64_t settings_revision = 0;
        std::string tenant, actor, connection;
        std::uint8_t trace_id[16] = {};
        std::uint8_t span_id[8] = {};
    };

    // `cancelled` is looked at while the call runs; both it and the lane outlive this object. lane: nullptr in-process.
    AbiCall(Context context, Lane* lane, const std::atomic<std::uint64_t>* cancelled_id);
    AbiCall(const AbiCall&) = delete;
    AbiCall& operator=(const AbiCall&) = delete;

    // The owner of a call made by this class; the ABI hands the pointer back unchanged.
    static AbiCall& of(const portico_call* call) { return *static_cast<AbiCall*>(call->owner); }

    const portico_call* abi() const noexcept { return &abi_; }
    const Context& context() const noexcept { return context_; }
    bool cancelled() const noexcept;
    // A host function said so before the control lane did.
    void noteCancelled() noexcept { told_ = true; }

    // What the plugin gave to call->fail, and what call->why will say.
    Failure& failed() noexcept { return failed_; }
    Failure& why() noexcept { return why_; }

    // How a remote peer is reached and watched: used by the client stubs.
    Lane* lane() const noexcept { return lane_; }
    // The last call over the lane ended because of the lane (its peer is gone, silent or breaks the protocol), not
    // because the function at its other end failed. Unlike failed().code, a plugin cannot fake it.
    bool lane_failed = false;
    Handler* nested = nullptr;
    Overseer* overseer = nullptr;

    // The context as it travels host -> runner. The deadline travels as the frame's budget.
    void encode(Writer& out) const;
    static Context decode(Reader& in, std::int64_t deadline_ns);

private:
    Context context_;
    Lane* lane_;
    const std::atomic<std::uint64_t>* cancelled_id_;
    std::atomic<bool> told_{false};
    Failure failed_;
    Failure why_;
    portico_call abi_{};
};

}  // namespace portico::wire
