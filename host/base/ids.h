// SPDX-License-Identifier: Apache-2.0
// Strong identifiers: a UserId cannot be passed where a TenantId is meant. The text is opaque; ours are 32 lower-case
// hex digits of a UUIDv7 (RFC 9562), so that ids of one kind sort by creation and fit Google's event id alphabet.
// Immutable values.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace portico {

template <class Tag>
class Id {
public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}
    const std::string& str() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }
    auto operator<=>(const Id&) const = default;

private:
    std::string text_;
};

using TenantId = Id<struct TenantTag>;
using UserId = Id<struct UserTag>;
using PluginId = Id<struct PluginTag>;          // "google-contacts": the manifest's id
using ConnectionId = Id<struct ConnectionTag>;  // one user's grant of one account to one plugin

// A new UUIDv7 as 32 hex digits; ids made by one process within a millisecond still sort in order. Thread-safe.
std::string newId();
// True for exactly 32 lower-case hex digits: the only ids a route accepts.
bool isId(std::string_view text) noexcept;

}  // namespace portico

template <class Tag>
struct std::hash<portico::Id<Tag>> {
    std::size_t operator()(const portico::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
