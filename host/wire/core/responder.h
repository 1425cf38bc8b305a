// SPDX-License-Identifier: Apache-2.0
// The callee's end of one request: its output sinks and the reason of its failure. Small output waits for the reply;
// more than kFlush bytes, or a nested call, sends it on at once, so that order is as it would be in one process.
// Confined to the thread serving the request.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugin-api/include/portico/abi.h"

namespace portico::wire {

class Lane;

struct Failure {
    std::string code;  // machine-readable
    std::string text;  // for people
    std::int64_t retry_after_ms = 0;
    bool empty() const { return code.empty() && text.empty() && retry_after_ms == 0; }
};

constexpr unsigned kMaxSinks = 4;
constexpr std::size_t kFlush = 48 * 1024;
constexpr std::size_t kMaxReason = 4096;  // bytes of a failure's code or text that are sent

class Responder {
public:
    Responder(Lane& lane, std::uint32_t sequence);
    ~Responder();
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;

    // Non-zero once the caller wants no more of that sink. Throws Error when the lane is gone.
    std::int32_t write(unsigned sink, std::string_view bytes);
    // The same as a C sink, for the ABI; valid while this object lives. Never throws: a lost lane is a status.
    portico_sink sink(unsigned index);
    // The caller asked to stop, or is gone. Only between nested calls: it reads the lane.
    bool cancelled() noexcept;
    Failure& failure() noexcept { return failure_; }

    Lane& lane() noexcept { return lane_; }

private:
    friend class Lane;
    struct Proxy {
        Responder* responder;
        unsigned index;
    };
    static portico_status writeProxy(void* self, portico_bytes chunk);

    void flush();
    void sendData(unsigned sink, std::string_view bytes);
    void encodeReply(std::string& out) const;

    Lane& lane_;
    Responder* outer_;
    std::uint32_t sequence_;
    std::size_t waiting_ = 0;  // bytes in pending_
    std::array<std::string, kMaxSinks> pending_;
    std::array<std::int32_t, kMaxSinks> stopped_{};
    bool cancelled_ = false;
    std::array<Proxy, kMaxSinks> proxies_;
    Failure failure_;
};

}  // namespace portico::wire
