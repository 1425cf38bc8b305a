// SPDX-License-Identifier: Apache-2.0
#include "plugins/audit-log/chain.h"

#include <portico/plugin/sha256.hpp>

#include <charconv>

namespace portico::audit {

std::string Head::text() const { return Json{{"seq", seq}, {"count", count}, {"hash", hash}}.dump(); }

Head Head::from(std::string_view text) {
    const Json parsed = Json::parse(text, nullptr, false);
    if (!parsed.is_object())
        throw sdk::PluginError(PORTICO_E_INTERNAL, "audit_damaged", "the audit log's head cannot be read");
    Head head;
    head.seq = parsed.at("seq");
    head.count = parsed.at("count");
    head.hash = parsed.at("hash");
    return head;
}

bool Fingerprint::fits(const Json& entry) const {
    return seqOf(entry) == seq && entry.value("hash", "").starts_with(hash);
}

// Fewer digits than sixteen would not be worth to compare.
Fingerprint Fingerprint::from(const std::string& text) {
    Fingerprint noted;
    const char* end = text.data() + text.size();
    const auto [dash, fault] = std::from_chars(text.data(), end, noted.seq);
    if (fault == std::errc() && dash != end && *dash == '-') noted.hash.assign(dash + 1, end);
    if (noted.hash.size() < 16 || noted.hash.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw sdk::PluginError(PORTICO_E_INVALID, "bad_fingerprint", "'noted' is no fingerprint of this log");
    return noted;
}

std::string entryKey(std::uint64_t seq) {
    std::string key(kEntryPrefix);
    for (int shift = 60; shift >= 0; shift -= 4) key += "0123456789abcdef"[~seq >> shift & 15];
    return key;
}

// nlohmann::json keeps members sorted by name, so the text is canonical.
std::string hashOf(const Json& entry) {
    Json content = entry;
    content.erase("hash");
    return sdk::sha256Hex(content.dump());
}

Json sealed(Json event, const std::string& previous) {
    event["previous"] = previous;
    event["hash"] = hashOf(event);
    return event;
}

std::uint64_t seqOf(const Json& event) {
    const auto found = event.find("seq");
    if (found == event.end() || !found->is_number_integer() || *found <= 0) {
        throw sdk::PluginError(PORTICO_E_INVALID, "bad_event", "an event has no positive 'seq'");
    }
    return *found;
}

}  // namespace portico::audit
