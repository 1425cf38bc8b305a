// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/version.h"

#include <algorithm>

namespace portico::manifest {
namespace {

bool isNumber(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Numbers of any length: without leading zeros the longer one is greater.
std::strong_ordering compareNumbers(std::string_view a, std::string_view b) {
    while (a.size() > 1 && a.front() == '0') a.remove_prefix(1);
    while (b.size() > 1 && b.front() == '0') b.remove_prefix(1);
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

std::string_view takeWord(std::string_view& text) {
    const std::size_t dot = text.find('.');
    const std::string_view word = text.substr(0, dot);
    text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    return word;
}

// Numbers come before words; of two that begin alike the shorter one comes first.
std::strong_ordering compareWords(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        if (a.empty() || b.empty()) return a.empty() ? std::strong_ordering::less : std::strong_ordering::greater;
        const std::string_view x = takeWord(a), y = takeWord(b);
        const bool number_x = isNumber(x), number_y = isNumber(y);
        if (number_x != number_y) return number_x ? std::strong_ordering::less : std::strong_ordering::greater;
        const auto order = number_x ? compareNumbers(x, y) : x.compare(y) <=> 0;
        if (order != 0) return order;
    }
    return std::strong_ordering::equal;
}

}  // namespace

std::strong_ordering compareVersions(std::string_view a, std::string_view b) {
    const std::size_t dash_a = a.find('-'), dash_b = b.find('-');
    if (const auto order = compareWords(a.substr(0, dash_a), b.substr(0, dash_b)); order != 0) return order;
    if (dash_a == std::string_view::npos || dash_b == std::string_view::npos)
        return (dash_a == std::string_view::npos) <=> (dash_b == std::string_view::npos);
    return compareWords(a.substr(dash_a + 1), b.substr(dash_b + 1));
}

}  // namespace portico::manifest
