// SPDX-License-Identifier: Apache-2.0
#include "host/crm/change.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/storage/outbox.h"

namespace portico::crm {

void recordChange(const CallContext& context, storage::Tx& tx, const Change& change, Instant now) {
    Json data = change.more;
    data.set("version", change.version);
    if (!change.changed.empty()) {
        Json changed = Json::array();
        for (const std::string& member : change.changed) changed.push(member);
        data.set("changed", std::move(changed));
    }
    data.set("origin", context.actor.via);
    storage::appendEvent(tx, context, {change.type, change.kind, change.id, std::move(data)}, now);
}

void checkVersion(const std::string& what, Version expected, std::int64_t actual) {
    if (expected && *expected != actual)
        throw Error(Code::Conflict, "version_mismatch",
                    "change " + what + ": someone else changed it first (it is at version " + std::to_string(actual) +
                        ", you have " + std::to_string(*expected) + "); reload it and try again");
}

void checkText(const std::string& member, const std::string& text, std::size_t most, bool may_be_empty) {
    const auto refuse = [&](const std::string& why) { throw Error(Code::Invalid, "bad_member", member + ": " + why); };
    if (text.empty() && !may_be_empty) refuse("may not be empty");
    if (text.size() > most) refuse("is longer than " + std::to_string(most) + " bytes");
    if (!isUtf8(text)) refuse("is not valid text (UTF-8)");
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r'; }))
        refuse("holds control characters");
}

std::vector<std::string> changedMembers(const Json& before, const Json& after) {
    std::vector<std::string> changed;
    for (const auto& [name, value] : after.members()) {
        const Json* old = before.find(name);
        if (old == nullptr || !(*old == value)) changed.push_back(name);
    }
    for (const auto& [name, value] : before.members())
        if (!after.has(name)) changed.push_back(name);
    return changed;
}

int boundedInt(const Json& json, std::string_view member, int fallback) {
    const std::int64_t value = json.getInt(member, fallback);
    if (value < -1'000'000 || value > 1'000'000)
        throw Error(Code::Invalid, "bad_member", std::string(member) + ": out of range");
    return static_cast<int>(value);
}

std::string encodeCursor(const Json& position) { return toBase64Url(position.dump()); }

Json decodeCursor(const std::string& cursor, std::size_t members) {
    try {
        Json position = Json::parse(fromBase64Url(cursor), 4096, 2);
        if (position.items().size() == members) return position;
    } catch (const Error&) {
    }
    throw Error(Code::Invalid, "bad_cursor",
                "'after' is not a cursor that this list gave out; start from its first page");
}

}  // namespace portico::crm
