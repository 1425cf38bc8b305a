// SPDX-License-Identifier: Apache-2.0
// Times at which a member of staff cannot be booked. Repository; confined to its transaction (see change.h). All-day
// ones are dates: start is local midnight and the length counts days, whatever the clock does. They may overlap each
// other, not an appointment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crm/change.h"
#include "host/crm/provenance.h"
#include "host/crm/times.h"

namespace portico::crm {

struct BlockTimeInput {
    std::string staff_id;
    std::string title;
    std::string start;  // local; all-day: "2026-11-23T00:00"
    std::string time_zone;
    int duration_minutes = 60;  // all-day: whole days, 1440 each; at most 366 days
    bool all_day = false;
};
struct BlockTime : BlockTimeInput {
    std::string id;
    std::int64_t version = 0;
    Instant starts_at, ends_at;
    Provenance provenance;  // of start, timeZone, duration and showWithoutTime
};

class BlockTimes {
public:
    BlockTimes(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}
    BlockTime create(const CallContext& context, const BlockTimeInput& input);
    BlockTime get(const CallContext& context, const std::string& id);
    std::optional<BlockTime> find(const CallContext& context, const std::string& id);
    BlockTime update(const CallContext& context, const std::string& id, Version expected, const BlockTimeInput& input);
    void remove(const CallContext& context, const std::string& id, Version expected);
    // What overlaps the span, by start.
    std::vector<BlockTime> list(const CallContext& context, Span span, std::optional<std::string> staff_id);

private:
    void write(const BlockTime& block, bool exists);

    storage::Tx& tx_;
    Instant now_;
};

Json toJson(const BlockTime& block);
BlockTimeInput blockTimeInput(const Json& json);

}  // namespace portico::crm
