// SPDX-License-Identifier: Apache-2.0
// Notes on a contact, and the contact's timeline. Repositories; confined to their transaction (see change.h).
#pragma once

#include <string>
#include <vector>

#include "host/crm/change.h"

namespace portico::crm {

struct Note {
    std::string id, contact_id, text;
    Instant at;
    std::string author;  // user id, or "system"
};

class Notes {
public:
    Notes(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}
    Note create(const CallContext& context, const std::string& contact_id, const std::string& text);
    void remove(const CallContext& context, const std::string& id);
    std::vector<Note> list(const CallContext& context, const std::string& contact_id, int limit);  // newest first

private:
    storage::Tx& tx_;
    Instant now_;
};

struct TimelineEntry {
    Instant at;
    std::string kind;   // "note", "appointment", "follow-up", "file", "activity"
    std::string title;  // of an activity: the event's type
    std::string text;
    std::string ref;  // id of the note, appointment, ...
};

// Newest first; `after` is the cursor of the page before.
Page<TimelineEntry> timeline(const CallContext& context, storage::Tx& tx, const std::string& contact_id, int limit,
                             const std::string& after);

Json toJson(const Note& note);
Json toJson(const TimelineEntry& entry);

}  // namespace portico::crm
