// SPDX-License-Identifier: Apache-2.0
// What goes into a statement and what comes out of it. A Value borrows its text: it lives for one call. A Row owns its
// cells. Immutable; asking a cell for the wrong type is a programming error and throws Internal.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/base/ids.h"

namespace portico::storage {

// Bytes that are not text; text columns must hold UTF-8.
struct Blob {
    std::string_view bytes;
};

using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Blob>;

template <class T>
concept Integer = std::is_integral_v<T>;

inline Value toValue(std::nullptr_t) { return {}; }
inline Value toValue(std::nullopt_t) { return {}; }
inline Value toValue(Blob blob) { return blob; }
inline Value toValue(double number) { return number; }
inline Value toValue(std::string_view text) { return text; }
inline Value toValue(const std::string& text) { return std::string_view(text); }
inline Value toValue(const char* text) { return std::string_view(text); }
inline Value toValue(Instant at) { return toMillis(at); }  // stored as UTC milliseconds
template <class Tag>
Value toValue(const Id<Tag>& id) {
    return std::string_view(id.str());
}
template <Integer T>
Value toValue(T number) {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) {
        if (number > static_cast<T>(std::numeric_limits<std::int64_t>::max()))
            throw Error(Code::Invalid, "number_range", "store the number " + std::to_string(number) + ": above 2^63-1");
    }
    return static_cast<std::int64_t>(number);
}
template <class T>
Value toValue(const std::optional<T>& value) {
    return value ? toValue(*value) : Value{};
}

class Row {
public:
    using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

    explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}

    bool isNull(int column) const { return cell(column).index() == 0; }
    std::int64_t integer(int column) const { return as<std::int64_t>(column); }
    bool boolean(int column) const { return integer(column) != 0; }
    double real(int column) const { return as<double>(column); }
    Instant instant(int column) const { return fromMillis(integer(column)); }
    const std::string& text(int column) const { return as<std::string>(column); }
    const std::string& blob(int column) const { return as<std::string>(column); }
    std::optional<std::string> optText(int column) const {
        return isNull(column) ? std::nullopt : std::optional(text(column));
    }
    std::optional<std::int64_t> optInteger(int column) const {
        return isNull(column) ? std::nullopt : std::optional(integer(column));
    }
    std::optional<Instant> optInstant(int column) const {
        return isNull(column) ? std::nullopt : std::optional(instant(column));
    }

private:
    const Cell& cell(int column) const {
        if (column < 0 || static_cast<std::size_t>(column) >= cells_.size())
            throw Error(Code::Internal, "column",
                        "read column " + std::to_string(column) + " of a row with " + std::to_string(cells_.size()));
        return cells_[static_cast<std::size_t>(column)];
    }
    template <class T>
    const T& as(int column) const {
        if (const T* value = std::get_if<T>(&cell(column))) return *value;
        throw Error(Code::Internal, "column", "column " + std::to_string(column) + " holds another type");
    }
    std::vector<Cell> cells_;
};

}  // namespace portico::storage
