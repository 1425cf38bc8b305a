// SPDX-License-Identifier: Apache-2.0
// What a runner sends on its control lane: its hello and its log lines. What is accepted reads the same written again.
#include "tests/fuzz/fuzz.h"

#include "host/wire/core/control.h"

using namespace portico::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body = textOf(data, size);
    if (const auto hello = decodeHello(body)) require(encodeHello(*hello) == body, "a hello is its bytes");
    if (const auto line = decodeLog(body); line && line->event.size() <= 256 && line->fields.size() <= 8192)
        require(encodeLog(line->call_id, line->event, line->fields) == body, "a log line is its bytes");
    return 0;
}
