// SPDX-License-Identifier: Apache-2.0
#include "host/http/paging.h"

#include <charconv>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::http {

Page pageOf(const Request& request, std::size_t key_size, int max_limit) {
    Page page;
    if (const auto limit = request.param("limit")) {
        const auto [end, fault] = std::from_chars(limit->data(), limit->data() + limit->size(), page.limit);
        if (fault != std::errc() || end != limit->data() + limit->size() || page.limit < 1 || page.limit > max_limit)
            throw Error(Code::Invalid, "bad_limit", "limit must be a number from 1 to " + std::to_string(max_limit));
    }
    if (const auto after = request.param("after")) page.after = decodeCursor(*after, key_size);
    return page;
}

std::string encodeCursor(const CursorKey& key) {
    Json parts = Json::array();
    for (const std::string& part : key) parts.push(part);
    return toBase64Url(parts.dump());
}

CursorKey decodeCursor(std::string_view cursor, std::size_t key_size) {
    try {
        const Json parts = Json::parse(fromBase64Url(cursor), 8 * 1024, 2);
        CursorKey key;
        for (const Json& part : parts.items()) key.push_back(part.str());
        if (key.size() == key_size) return key;
    } catch (const Error&) {
        // Answered below: whatever is wrong with it, the client can only start again.
    }
    throw Error(Code::Invalid, "bad_cursor", "'after' is not a cursor of this list; start again without it");
}

Json pageJson(Json::Array items, const CursorKey& next) {
    Json page = Json::object();
    page.set("items", Json::array(std::move(items)));
    page.set("next", next.empty() ? Json() : Json(encodeCursor(next)));
    return page;
}

}  // namespace portico::http
