// SPDX-License-Identifier: Apache-2.0
// A whole conversation with a hostile runner over a real lane: the host calls it, and the input is every packet that it
// answers with: replies, output, requests to the host's tables (served by the tests' fake host, so that their arguments
// are decoded), in any order. Input: packets as {length u16, mode u8, bytes}; mode even: our magic and the true length
// are put in, so that the search gets past the header.
#include "tests/fuzz/fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "host/wire/core/codec.h"
#include "host/wire/core/host_server.h"
#include "tests/sandbox/fake_host.h"

using namespace portico::wire;

namespace {

constexpr int kMostPackets = 24;  // as many answers fit into a socket that nobody reads

void sendPackets(int fd, std::string_view input) {
    char magic[kHeaderSize];
    encodeHeader({.kind = Kind::Call}, magic);
    for (int count = 0; count < kMostPackets && input.size() >= 3; ++count) {
        std::uint16_t length;
        std::memcpy(&length, input.data(), sizeof length);
        const bool well_formed = input[2] % 2 == 0;
        input.remove_prefix(3);
        std::string packet(input.substr(0, length));
        input.remove_prefix(packet.size());
        if (well_formed && packet.size() >= kHeaderSize) {
            const auto body = static_cast<std::uint32_t>(packet.size() - kHeaderSize);
            packet.replace(0, 4, magic, 4);
            std::memcpy(packet.data() + 12, &body, sizeof body);
        }
        if (::send(fd, packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
    }
    ::shutdown(fd, SHUT_WR);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const HostTables host = portico::tests::fakeHost();
    const Pair pair = makePair();
    sendPackets(pair.theirs, textOf(data, size));
    {
        Lane lane(pair.ours, 20);
        AbiCall call({.id = 1, .deadline_ns = nowNs() + 5'000'000'000, .tenant = "t", .actor = "u", .connection = {}},
                     &lane, nullptr);
        HostServer nested(host, nullptr, call);
        std::size_t output = 0;
        const portico_sink sink{&output, [](void* self, portico_bytes chunk) -> portico_status {
                                    *static_cast<std::size_t*>(self) += chunk.size;
                                    return chunk.size % 7 == 6 ? PORTICO_E_LIMIT : PORTICO_OK;
                                }};
        const portico_sink sinks[] = {sink, sink};
        Failure failure;
        try {
            lane.call({.method = 0x0800,
                       .payload = "{}",
                       .deadline_ns = call.context().deadline_ns,
                       .sinks = sinks,
                       .nested = &nested},
                      failure);
            require(output <= kMaxCallOutput, "output is bounded");
        } catch (const portico::Error&) {
            require(!lane.usable() || output <= kMaxCallOutput, "a fault closes the lane");
        }
    }
    ::close(pair.theirs);
    return 0;
}
