// SPDX-License-Identifier: Apache-2.0
// One packet from a runner. What is accepted writes the same packet again.
#include "tests/fuzz/fuzz.h"

#include <string>

#include "host/wire/core/frame.h"

using namespace portico::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    char header[kHeaderSize];
    encodeHeader({.kind = Kind::Call}, header);
    std::string packet(textOf(data, size));
    packet.replace(0, std::min<std::size_t>(4, packet.size()), header, 4);  // our build's magic, which no seed can know
    const Decoded decoded = decodeFrame(packet);
    require(!faultText(decoded.fault).empty(), "every fault has words");
    if (decoded.fault != Fault::None) return 0;
    encodeHeader(decoded.frame, header);
    require(std::string(header, kHeaderSize) + std::string(decoded.frame.body) == packet, "a frame is its packet");
    return 0;
}
