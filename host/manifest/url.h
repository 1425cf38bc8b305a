// SPDX-License-Identifier: Apache-2.0
// The strict URL reader of the egress check. What it accepts has exactly one meaning: https, a lower-case DNS name, no
// user, no fragment, ASCII only, every percent sequence decoded once, no dot or empty segments, no encoded slash; a
// port and a slash at the end are read, and it is the rule that decides whether they may be there. Whatever is accepted
// is written again from the decoded parts, so that the text the plugin sent never reaches the network. Immutable value;
// the functions are thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portico::manifest {

struct Url {
    std::string host;
    std::string server;                                      // the host, with its port unless that is 443
    std::vector<std::string> segments;                       // decoded
    bool ends_in_slash = false;                              // after the last segment
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order, names may repeat
};

inline constexpr std::size_t kMaxUrl = 16 * 1024;

// Throws Denied (reason "egress_url") that says what is wrong with it.
Url parseUrl(std::string_view text);

// A DNS name that rules may name: lower case, at least two labels, the last one not a number (so never an address).
bool isHostName(std::string_view host);

// A server as an administrator names it: a host name, with :port unless that is 443. One spelling for each server.
bool isServer(std::string_view text);

// Everything but RFC 3986's unreserved characters becomes %XX.
std::string percentEncode(std::string_view bytes);

}  // namespace portico::manifest
