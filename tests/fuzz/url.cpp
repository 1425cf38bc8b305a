// SPDX-License-Identifier: Apache-2.0
// A URL that a plugin asks for. What is accepted has one meaning: written again from its parts, it reads the same.
#include "tests/fuzz/fuzz.h"

#include "host/base/error.h"
#include "host/manifest/url.h"

using namespace portico;
using namespace portico::manifest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Url url;
    try {
        url = parseUrl(textOf(data, size));
    } catch (const Error&) {
        return 0;
    }
    require(isHostName(url.host), "the host is a host name");
    std::string again = "https://" + url.host;
    for (const std::string& segment : url.segments) {
        require(segment != "." && segment != ".." && segment.find('/') == std::string::npos, "no segment climbs");
        again += "/" + percentEncode(segment);
    }
    if (url.segments.empty()) again += "/";
    const char* separator = "?";
    for (const auto& [name, value] : url.query) {
        again += separator + percentEncode(name) + "=" + percentEncode(value);
        separator = "&";
    }
    if (again.size() > kMaxUrl) return 0;
    const Url read = parseUrl(again);
    require(read.host == url.host && read.segments == url.segments && read.query == url.query, "it has one meaning");
    return 0;
}
