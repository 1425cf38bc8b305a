// SPDX-License-Identifier: Apache-2.0
// The header fields of one message, in order, names compared without case. Every value that goes in is checked, in both
// directions: a response can never carry CR, LF or NUL, whatever text a handler puts there. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portico::http {

// ASCII only, as header names and tokens are.
bool equalsNoCase(std::string_view a, std::string_view b) noexcept;
// RFC 9110 token: what names and methods are made of.
bool isToken(std::string_view text) noexcept;
std::string_view trim(std::string_view text) noexcept;

class Headers {
public:
    using Field = std::pair<std::string, std::string>;

    // Throws Invalid when the name is no token or the value holds a control character other than a tab.
    void add(std::string_view name, std::string_view value);
    // Replaces every field of that name.
    void set(std::string_view name, std::string_view value);
    void erase(std::string_view name);

    // The first field of that name; nullptr when there is none.
    const std::string* find(std::string_view name) const noexcept;
    // The same, "" when there is none.
    std::string_view get(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    std::size_t count(std::string_view name) const noexcept;
    // True when a comma-separated field of that name lists the token (Connection, Accept-Encoding) and not with q=0.
    bool lists(std::string_view name, std::string_view token) const noexcept;

    const std::vector<Field>& fields() const noexcept { return fields_; }

private:
    std::vector<Field> fields_;
};

}  // namespace portico::http
