// SPDX-License-Identifier: Apache-2.0
// Receives JSON Lines from a plugin in chunks of any size and hands over one parsed line at a time. What goes wrong
// (bad JSON, a line too long, an exception of the receiver) stops the plugin and is rethrown by finish(). One call, one
// thread.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>

#include "host/base/json.h"
#include "host/wire/core/abi_call.h"

namespace portico::plugin {

class LineSink {
public:
    // Limit when the plugin writes more than max_bytes.
    explicit LineSink(std::function<void(Json)> line, std::uint64_t max_bytes = UINT64_MAX)
        : line_(std::move(line)), left_(max_bytes) {}
    LineSink(const LineSink&) = delete;
    LineSink& operator=(const LineSink&) = delete;

    portico_sink sink() { return {this, &LineSink::write}; }
    // After the call: the last line may lack its newline. Rethrows what stopped the call.
    void finish();
    bool failed() const { return failure_ != nullptr; }

private:
    static constexpr std::size_t kMaxLine = 1u << 20;
    static portico_status write(void* self, portico_bytes chunk);
    void take(std::string_view bytes);
    void parse(std::string_view line);

    std::function<void(Json)> line_;
    std::uint64_t left_;
    std::string rest_;
    std::exception_ptr failure_;
};

}  // namespace portico::plugin
