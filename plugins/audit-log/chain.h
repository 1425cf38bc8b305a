// SPDX-License-Identifier: Apache-2.0
// How audit entries are kept: one key per event, each entry sealed by a hash over itself and the entry before it, so
// that none can be changed, removed or slipped in unnoticed. Pure functions.
// Layout: "head" holds {"seq","count","hash"} of the newest entry; "e/<16 hex digits>" holds an entry, keyed by the
// complement of its seq so that the store's ascending scan gives the newest first.
#pragma once

#include <portico/plugin.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace portico::audit {

using Json = nlohmann::json;

inline constexpr std::string_view kHeadKey = "head";
inline constexpr std::string_view kEntryPrefix = "e/";

struct Head {
    std::uint64_t seq = 0, count = 0;
    std::string hash = std::string(64, '0');  // of no entry at all

    std::string text() const;
    static Head from(std::string_view text);
};

// What somebody noted of the chain, kept where the chain's keeper cannot write: "<seq>-<first hex digits of the hash>".
struct Fingerprint {
    std::uint64_t seq = 0;
    std::string hash;

    bool fits(const Json& entry) const;
    static Fingerprint from(const std::string& text);  // PluginError (Invalid) if it has another form
};

std::string entryKey(std::uint64_t seq);

// The stored form of an event that follows `previous` (the hash of the entry before it): the event's own members,
// then "previous" and "hash".
Json sealed(Json event, const std::string& previous);
// What sealed() would have written for the entry's content.
std::string hashOf(const Json& entry);

std::uint64_t seqOf(const Json& event);  // PluginError (Invalid) without a positive whole "seq"

}  // namespace portico::audit
