// SPDX-License-Identifier: Apache-2.0
// One JSON object of a request, read strictly: a member that the operation does not know is refused by name, so that
// nobody can set what was not meant to be set; a wrong type or range is answered with the member's JSON pointer.
// Borrows the JSON. One thread at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.h"

namespace portico::api {

// Throws Invalid "invalid_body" with errors:[{path,message}].
[[noreturn]] void refuseMember(const std::string& pointer, const std::string& message);

class Fields {
public:
    static constexpr std::size_t kLine = 500;      // bytes of a name, title, address
    static constexpr std::size_t kText = 100'000;  // bytes of notes

    // `pointer` is where the object lies in the body ("/participants/0").
    Fields(const Json& json, std::initializer_list<std::string_view> known, std::string pointer = "");

    bool has(std::string_view name) const { return json_.has(name); }  // null counts
    std::string pointer(std::string_view name) const { return pointer_ + "/" + std::string(name); }

    // Required.
    std::string text(std::string_view name, std::size_t max = kLine) const;
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max) const;
    bool boolean(std::string_view name) const;
    const Json& object(std::string_view name) const;

    // Nothing when absent or null.
    std::optional<std::string> optText(std::string_view name, std::size_t max = kLine) const;
    std::optional<std::int64_t> optInteger(std::string_view name, std::int64_t min, std::int64_t max) const;
    std::optional<bool> optBoolean(std::string_view name) const;
    std::optional<std::vector<std::string>> optTexts(std::string_view name) const;
    const Json* optItems(std::string_view name) const;

    // One of `choices`.
    std::optional<std::string> optChoice(std::string_view name, std::initializer_list<std::string_view> choices) const;

private:
    const Json* present(std::string_view name) const;
    const Json& required(std::string_view name) const;
    std::string checkedText(std::string_view name, const Json& value, std::size_t max) const;
    std::int64_t checkedInteger(std::string_view name, const Json& value, std::int64_t min, std::int64_t max) const;

    const Json& json_;
    std::string pointer_;
};

}  // namespace portico::api
