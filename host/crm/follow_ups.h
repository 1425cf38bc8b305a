// SPDX-License-Identifier: Apache-2.0
// "Call her in March": something to do about a contact on a date, perhaps at a time. Repository; confined to its
// transaction (see change.h). It never occupies anyone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crm/change.h"
#include "host/crm/provenance.h"

namespace portico::crm {

struct FollowUpInput {
    std::string contact_id;
    std::optional<std::string> staff_id;
    std::string title, notes;
    std::string date;                 // "2026-03-01"
    std::optional<std::string> time;  // "09:30"
    std::string time_zone;
    bool done = false;
};
struct FollowUp : FollowUpInput {
    std::string id;
    std::int64_t version = 0;
    Provenance provenance;  // of start (date and time), timeZone and showWithoutTime
    Instant due_at;         // with a time: that instant; without: the start of the day
};

struct FollowUpQuery {
    std::optional<std::string> contact_id;
    std::optional<bool> done;
    std::optional<Instant> due_from, due_until;
    int limit = 200;
};

class FollowUps {
public:
    FollowUps(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}
    FollowUp create(const CallContext& context, const FollowUpInput& input);
    FollowUp get(const CallContext& context, const std::string& id);
    std::optional<FollowUp> find(const CallContext& context, const std::string& id);
    FollowUp update(const CallContext& context, const std::string& id, Version expected, const FollowUpInput& input);
    void remove(const CallContext& context, const std::string& id, Version expected);
    std::vector<FollowUp> list(const CallContext& context, const FollowUpQuery& query);  // by due date

private:
    void write(const FollowUp& follow_up, bool exists);

    storage::Tx& tx_;
    Instant now_;
};

Json toJson(const FollowUp& follow_up);
FollowUpInput followUpInput(const Json& json);

}  // namespace portico::crm
