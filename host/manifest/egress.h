// SPDX-License-Identifier: Apache-2.0
// The decision whether a plugin may make a request, as a pure function of its manifest: no network, no state.
// The vault asks it before it attaches a credential; the plugin checker asks it too. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/manifest/manifest.h"

namespace portico::manifest {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Allowed {
    const Rule* rule;  // lives as long as the manifest
    std::string url;   // written from the decoded parts; send this one, never the plugin's text
    std::string host;  // with the port, unless it is 443
};

// Throws Denied naming exactly what is not allowed: the connection, the URL, the host, the method, the path, a query
// parameter or a header. `headers` are the plugin's own.
// `server` is what a basic connection is bound to; its rules allow that one and no other (Denied "server_changed").
Allowed match(const Manifest& manifest, std::string_view connection, std::string_view method, std::string_view url,
              const Headers& headers, std::string_view server = {});

}  // namespace portico::manifest
