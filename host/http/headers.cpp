// SPDX-License-Identifier: Apache-2.0
#include "host/http/headers.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico::http {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void check(std::string_view name, std::string_view value) {
    if (!isToken(name)) throw Error(Code::Invalid, "bad_header", "a header name has characters that are not allowed");
    for (const char c : value)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
            throw Error(Code::Invalid, "bad_header", "header " + std::string(name) + " has a control character");
}

}  // namespace

bool equalsNoCase(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool isToken(std::string_view text) noexcept {
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

void Headers::add(std::string_view name, std::string_view value) {
    check(name, value);
    fields_.emplace_back(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
    check(name, value);
    erase(name);
    fields_.emplace_back(name, value);
}

void Headers::erase(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return equalsNoCase(field.first, name); });
}

const std::string* Headers::find(std::string_view name) const noexcept {
    for (const Field& field : fields_)
        if (equalsNoCase(field.first, name)) return &field.second;
    return nullptr;
}

std::string_view Headers::get(std::string_view name) const noexcept {
    const std::string* value = find(name);
    return value ? std::string_view(*value) : std::string_view();
}

std::size_t Headers::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(),
                                                  [&](const Field& field) { return equalsNoCase(field.first, name); }));
}

bool Headers::lists(std::string_view name, std::string_view token) const noexcept {
    for (const Field& field : fields_) {
        if (!equalsNoCase(field.first, name)) continue;
        std::string_view rest = field.second;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view item = rest.substr(0, comma);
            const std::size_t semicolon = std::min(item.find(';'), item.size());
            const bool refused = trim(item.substr(std::min(semicolon + 1, item.size()))) == "q=0";
            if (equalsNoCase(trim(item.substr(0, semicolon)), token) && !refused) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

}  // namespace portico::http
