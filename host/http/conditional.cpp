// SPDX-License-Identifier: Apache-2.0
#include "host/http/conditional.h"

#include <charconv>

#include "host/base/error.h"

namespace portico::http {
namespace {

[[noreturn]] void refuseStale() {
    throw Error(Code::Conflict, "stale", "it was changed in the meantime; read it again and repeat the change");
}

}  // namespace

std::string etagFor(std::int64_t version) { return "\"v" + std::to_string(version) + "\""; }

std::int64_t expectedVersion(const Request& request) {
    std::string_view tag = request.header("if-match");
    if (tag.empty())
        throw Error(Code::Conflict, "precondition_required",
                    "send If-Match with the ETag of the version that is changed");
    if (!tag.starts_with("\"v") || !tag.ends_with('"')) refuseStale();
    tag = tag.substr(2, tag.size() - 3);
    std::int64_t version = 0;
    const auto [end, fault] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
    if (tag.empty() || fault != std::errc() || end != tag.data() + tag.size() || version < 0) refuseStale();
    return version;
}

void checkVersion(std::int64_t expected, std::int64_t actual) {
    if (expected != actual) refuseStale();
}

bool notModified(const Request& request, std::string_view etag) {
    const std::string_view given = request.header("if-none-match");
    for (std::size_t at = given.find(etag); !etag.empty() && at != std::string_view::npos;
         at = given.find(etag, at + 1)) {
        const bool begins = at == 0 || given[at - 1] == ' ' || given[at - 1] == ',' || given[at - 1] == '/';
        if (begins) return true;
    }
    return false;
}

}  // namespace portico::http
