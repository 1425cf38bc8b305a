// SPDX-License-Identifier: Apache-2.0
// Lists in pages by key, never by offset: the cursor is the last row's sort key, opaque to clients. It is not signed:
// whatever it says, the query still runs inside the caller's tenant. Thread-safe functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/http/request.h"

namespace portico::http {

using CursorKey = std::vector<std::string>;

struct Page {
    int limit = 50;
    CursorKey after;  // empty: from the beginning
};

// `?limit=` (1..max_limit, default 50) and `?after=`, whose key must have `key_size` parts. Throws Invalid.
Page pageOf(const Request& request, std::size_t key_size, int max_limit = 200);

std::string encodeCursor(const CursorKey& key);
CursorKey decodeCursor(std::string_view cursor, std::size_t key_size);

// {"items":[...],"next":cursor|null}; an empty key means that there is no next page.
Json pageJson(Json::Array items, const CursorKey& next);

}  // namespace portico::http
