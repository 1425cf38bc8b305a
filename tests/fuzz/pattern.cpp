// SPDX-License-Identifier: Apache-2.0
// A pattern of a plugin's manifest held against a text that a plugin chose: "PATTERN\nTEXT". Whatever our matcher
// accepts as a pattern means the same to libstdc++'s, in its mode without backtracking (exponential otherwise).
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <regex>
#include <string>

#include "host/base/error.h"
#include "host/manifest/pattern.h"

using namespace portico;

namespace {

constexpr std::size_t kLongest = 40;  // the other matcher is slow

bool isPlain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// ECMAScript reads some of what we accept in another way: "\b" inside and outside classes, "[:", "[.", "[=".
bool isShared(std::string_view source) {
    return source.find("[:") == std::string_view::npos && source.find("[.") == std::string_view::npos &&
           source.find("[=") == std::string_view::npos && source.find("(?") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = textOf(data, size);
    const std::size_t line = std::min(input.find('\n'), input.size());
    const std::string source(input.substr(0, line));
    const std::string text(input.substr(std::min(line + 1, input.size())));
    bool matches = false;
    try {
        matches = manifest::Pattern(source).matches(text);
    } catch (const Error& error) {
        require(error.what()[0] != '\0', "every error has words");
        return 0;
    }
    if (source.size() > kLongest || text.size() > kLongest || !isPlain(source) || !isPlain(text)) return 0;
    if (!isShared(source) || source.find('{') != std::string::npos) return 0;  // counts multiply: too slow there
    try {
        const std::regex other(source, std::regex::ECMAScript | std::regex_constants::__polynomial);
        require(std::regex_match(text, other) == matches, "two matchers agree");
    } catch (const std::regex_error&) {  // what it does not know (or finds too large), it cannot judge
    }
    return 0;
}
