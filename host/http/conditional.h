// SPDX-License-Identifier: Apache-2.0
// Optimistic concurrency over HTTP: a versioned thing's ETag is "v<version>", and a change names the version it was
// made from (If-Match). Thread-safe functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/http/request.h"

namespace portico::http {

std::string etagFor(std::int64_t version);  // "\"v12\""

// The version in If-Match. Throws Conflict: precondition_required (428) when the header is missing, stale (412) when it
// names none of ours ("*" included: it would overwrite whatever is there).
std::int64_t expectedVersion(const Request& request);
// Throws Conflict (stale, 412) when they differ.
void checkVersion(std::int64_t expected, std::int64_t actual);

// True when If-None-Match has this ETag: answer 304.
bool notModified(const Request& request, std::string_view etag);

}  // namespace portico::http
