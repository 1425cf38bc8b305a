// SPDX-License-Identifier: Apache-2.0
// A request target taken apart exactly once and strictly: what routing, authorisation and handlers see is the same
// text, so no second decoding can turn a harmless path into another one. Immutable values.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace portico::http {

struct Target {
    std::string path;                          // decoded UTF-8, begins with '/', no empty, "." or ".." segment
    std::map<std::string, std::string> query;  // decoded; '+' is a space
};

// Origin form only ("/a/b?c=d"). Throws Invalid for every other form, a bad escape, an encoded slash, backslash or
// control character, invalid UTF-8, a dot or empty segment and a query parameter given twice.
Target parseTarget(std::string_view target);

// "%41" -> "A"; throws Invalid on a malformed escape.
std::string percentDecode(std::string_view text, bool plus_is_space);
// Everything but RFC 3986 unreserved characters is escaped.
std::string percentEncode(std::string_view text);

}  // namespace portico::http
