// SPDX-License-Identifier: Apache-2.0
#include "host/credential/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace portico::credential {
namespace {

struct Range4 {
    std::uint32_t network;
    int bits;
};

constexpr Range4 kClosed4[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // shared (CGNAT)
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local, cloud metadata
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // protocol assignments
    {0xc0000200, 24},  // documentation
    {0xc0586300, 24},  // 6to4 relays
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarks
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, broadcast
};

bool isPublic4(std::uint32_t host) {
    return std::none_of(std::begin(kClosed4), std::end(kClosed4),
                        [&](const Range4& range) { return (host ^ range.network) >> (32 - range.bits) == 0; });
}

std::uint32_t read4(const unsigned char* bytes) {
    return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) |
           bytes[3];
}

bool isPublic6(const unsigned char (&bytes)[16]) {
    constexpr unsigned char kNat64[] = {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
    if (std::memcmp(bytes, kNat64, sizeof kNat64) == 0) return isPublic4(read4(bytes + 12));
    if ((bytes[0] & 0xe0) != 0x20) return false;  // outside 2000::/3: loopback, mapped, ULA, link-local, multicast
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return isPublic4(read4(bytes + 2));      // 6to4
    if (bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] & 0xfe) == 0) return false;  // 2001::/23: Teredo and others
    return !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8);  // documentation
}

}  // namespace

bool isPublicAddress(const sockaddr* address) {
    if (address->sa_family == AF_INET)
        return isPublic4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return isPublic6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr);
    return false;
}

}  // namespace portico::credential
