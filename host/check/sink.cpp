// SPDX-License-Identifier: Apache-2.0
#include "host/check/sink.h"

#include "host/check/guarded.h"
#include "host/check/strict_host.h"

namespace portico::check {

Sink& Sink::make(StrictHost& host, std::string what, std::int64_t takes, portico_status refusal) {
    return *new (permanent(sizeof(Sink))) Sink(host, std::move(what), takes, refusal);
}

portico_status Sink::write(void* self, portico_bytes chunk) { return static_cast<Sink*>(self)->take(chunk); }

portico_status Sink::take(portico_bytes chunk) {
    if (closed_) {
        // The host it was made for may be gone by now.
        StrictHost::faultAnywhere("the plugin wrote to its sink after the call had returned");
        return PORTICO_E_INVALID;
    }
    if (chunk.size > 0 && chunk.data == nullptr) {
        host_.fault(what_ + " gave its sink bytes without an address");
        return PORTICO_E_INVALID;
    }
    if (refused_ != 0) {
        ++after_refusal_;
        return refused_;
    }
    const auto room = static_cast<std::uint64_t>(takes_) - got_.size();
    if (chunk.size > room) {
        if (takes_ >= kMaxOutput) {
            host_.fault(what_ + " pushed more than 64 MiB into its sink in one call");
            return refused_ = PORTICO_E_LIMIT;
        }
        return refused_ = refusal_;
    }
    got_.append(wire::view(chunk));
    return PORTICO_OK;
}

void Sink::close(Reply& reply) {
    closed_ = true;
    reply.out = std::move(got_);
    reply.refused = refused_;
    reply.after_refusal = after_refusal_;
    std::string().swap(got_);
    std::string().swap(what_);
}

}  // namespace portico::check
