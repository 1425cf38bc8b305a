// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/abi_call.h"

#include <cstring>
#include <utility>

namespace portico::wire {

AbiCall::AbiCall(Context context, Lane* lane, const std::atomic<std::uint64_t>* cancelled_id)
    : context_(std::move(context)), lane_(lane), cancelled_id_(cancelled_id) {
    abi_.struct_size = sizeof abi_;
    abi_.id = context_.id;
    abi_.deadline_ns = context_.deadline_ns;
    abi_.now_ms = context_.now_ms;
    abi_.settings_revision = context_.settings_revision;
    abi_.tenant = asStr(context_.tenant);
    abi_.actor = asStr(context_.actor);
    abi_.connection = asStr(context_.connection);
    std::memcpy(abi_.trace_id, context_.trace_id, sizeof abi_.trace_id);
    std::memcpy(abi_.span_id, context_.span_id, sizeof abi_.span_id);
    abi_.owner = this;
    abi_.cancelled = [](const portico_call* call) -> std::int32_t { return of(call).cancelled() ? 1 : 0; };
    abi_.fail = [](const portico_call* call, portico_str code, portico_str message, std::int64_t retry_after_ms) {
        of(call).failed_ = {std::string(view(code).substr(0, kMaxReason)),
                            std::string(view(message).substr(0, kMaxReason)), retry_after_ms};
    };
    abi_.why = [](const portico_call* call) -> portico_failure {
        const Failure& why = of(call).why_;
        return {asStr(why.code), asStr(why.text), why.retry_after_ms};
    };
}

bool AbiCall::cancelled() const noexcept {
    if (told_.load(std::memory_order_relaxed)) return true;
    if (cancelled_id_ != nullptr && cancelled_id_->load(std::memory_order_relaxed) == context_.id) return true;
    return context_.deadline_ns != kNever && nowNs() >= context_.deadline_ns;
}

void AbiCall::encode(Writer& out) const {
    out.integer(context_.id);
    out.integer(context_.now_ms);
    out.integer(context_.settings_revision);
    out.bytes(context_.tenant);
    out.bytes(context_.actor);
    out.bytes(context_.connection);
    out.raw(context_.trace_id, sizeof context_.trace_id);
    out.raw(context_.span_id, sizeof context_.span_id);
}

AbiCall::Context AbiCall::decode(Reader& in, std::int64_t deadline_ns) {
    Context context;
    context.deadline_ns = deadline_ns;
    context.id = in.integer<std::uint64_t>();
    context.now_ms = in.integer<std::int64_t>();
    context.settings_revision = in.integer<std::uint64_t>();
    context.tenant = in.bytes();
    context.actor = in.bytes();
    context.connection = in.bytes();
    in.raw(context.trace_id, sizeof context.trace_id);
    in.raw(context.span_id, sizeof context.span_id);
    return context;
}

}  // namespace portico::wire
