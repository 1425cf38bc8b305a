// SPDX-License-Identifier: Apache-2.0
// What every repository of this room shares: pages, versions, and the event that goes with each change. A repository is
// made for one transaction (`Contacts contacts(tx, now)`) and confined to it; every operation takes the CallContext.
// Each change writes its event in the same transaction, with data {version, changed:[...], origin}; origin is the
// actor's `via`, so that a sync engine writing as "sync:CONNECTION" can tell its own echoes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/storage/tx.h"

namespace portico::crm {

template <class T>
struct Page {
    std::vector<T> items;
    std::optional<std::string> next;  // opaque cursor of the next page
};

using Version = std::optional<std::int64_t>;  // the version a caller believes to change; nothing: whatever it is

struct Change {
    std::string type;  // "contact.created"
    std::string kind;  // "contact"
    std::string id;
    std::int64_t version = 0;
    std::vector<std::string> changed;
    Json more = Json::object();  // further members of the event's data
};

void recordChange(const CallContext& context, storage::Tx& tx, const Change& change, Instant now);

// Throws Conflict "version_mismatch".
void checkVersion(const std::string& what, Version expected, std::int64_t actual);
// Throws Invalid when the text is empty (and must not be), longer than `most` bytes, or holds control characters.
void checkText(const std::string& member, const std::string& text, std::size_t most, bool may_be_empty);

// Names of the members that differ between two objects: what an event calls `changed`.
std::vector<std::string> changedMembers(const Json& before, const Json& after);

// The member as an int; Invalid outside of +-1,000,000, so that no later sum can overflow.
int boundedInt(const Json& json, std::string_view member, int fallback);

// Cursors are base64url of a JSON array; decoding a foreign text throws Invalid "bad_cursor".
std::string encodeCursor(const Json& position);
Json decodeCursor(const std::string& cursor, std::size_t members);

}  // namespace portico::crm
