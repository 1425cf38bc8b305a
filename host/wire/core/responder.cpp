// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/responder.h"

#include "host/base/error.h"
#include "host/wire/core/codec.h"
#include "host/wire/core/lane.h"

namespace portico::wire {

Responder::Responder(Lane& lane, std::uint32_t sequence) : lane_(lane), outer_(lane.serving_), sequence_(sequence) {
    for (unsigned i = 0; i < kMaxSinks; ++i) proxies_[i] = {this, i};
    lane_.serving_ = this;
}

Responder::~Responder() { lane_.serving_ = outer_; }

std::int32_t Responder::write(unsigned sink, std::string_view bytes) {
    if (sink >= kMaxSinks) throw Error(Code::Internal, "wire_sink", "a handler wrote to a sink that does not exist");
    if (stopped_[sink] != 0) return stopped_[sink];
    if (waiting_ + bytes.size() <= kFlush) {
        pending_[sink].append(bytes);
        waiting_ += bytes.size();
        return 0;
    }
    flush();
    lane_.pollStops();
    while (!bytes.empty() && stopped_[sink] == 0) {
        const std::string_view chunk = bytes.substr(0, kMaxBody);
        sendData(sink, chunk);
        bytes.remove_prefix(chunk.size());
        if (!bytes.empty()) lane_.pollStops();
    }
    return stopped_[sink];
}

bool Responder::cancelled() noexcept {
    try {
        if (!cancelled_) lane_.pollStops();
    } catch (const std::exception&) {
        cancelled_ = true;  // the caller is gone
    }
    return cancelled_;
}

portico_sink Responder::sink(unsigned index) { return {&proxies_.at(index), &Responder::writeProxy}; }

portico_status Responder::writeProxy(void* self, portico_bytes chunk) {
    const auto* proxy = static_cast<Proxy*>(self);
    try {
        return proxy->responder->write(proxy->index, {static_cast<const char*>(chunk.data), chunk.size});
    } catch (...) {
        return PORTICO_E_UNAVAILABLE;  // the lane is gone; the call ends with it
    }
}

void Responder::flush() {
    if (waiting_ == 0) return;
    waiting_ = 0;
    for (unsigned i = 0; i < kMaxSinks; ++i) {
        if (!pending_[i].empty() && stopped_[i] == 0) sendData(i, pending_[i]);
        pending_[i].clear();
    }
}

void Responder::sendData(unsigned sink, std::string_view bytes) {
    Frame frame{.kind = Kind::Data, .method = static_cast<std::uint16_t>(sink), .sequence = sequence_, .body = bytes};
    lane_.send(frame, {}, lane_.around_);
}

void Responder::encodeReply(std::string& out) const {
    Writer writer(out);
    writer.integer<std::uint8_t>(failure_.empty() ? 0 : 1);
    if (!failure_.empty()) {
        writer.bytes(std::string_view(failure_.code).substr(0, kMaxReason));
        writer.bytes(std::string_view(failure_.text).substr(0, kMaxReason));
        writer.integer(failure_.retry_after_ms);
    }
    for (std::uint8_t i = 0; i < kMaxSinks; ++i) {
        if (pending_[i].empty() || stopped_[i] != 0) continue;
        writer.integer(i);
        writer.bytes(pending_[i]);
    }
}

}  // namespace portico::wire
