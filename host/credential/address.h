// SPDX-License-Identifier: Apache-2.0
// Which network addresses the vault may connect to: public ones only, so that a name that resolves to this machine or
// its neighbours reaches nothing. Pure function; thread-safe.
#pragma once

struct sockaddr;

namespace portico::credential {

// False for loopback, private, shared (CGNAT), link-local, multicast, reserved and documentation ranges of IPv4 and
// IPv6, for IPv4 inside IPv6 forms that lead to such, and for any other family. The pointer is to a
// structure of the size that its family has.
bool isPublicAddress(const sockaddr* address);

}  // namespace portico::credential
