// SPDX-License-Identifier: Apache-2.0
#include "host/crm/block_times.h"

#include "host/crm/catalogue.h"
#include "host/crm/occupancy.h"

namespace portico::crm {
namespace {

constexpr int kDayMinutes = 1440, kLongestMinutes = 366 * kDayMinutes, kMostInList = 2000;

BlockTime fromRow(const storage::Row& row) {
    BlockTime block;
    block.id = row.text(0);
    block.version = row.integer(1);
    block.staff_id = row.text(2);
    block.title = row.text(3);
    block.start = row.text(4);
    block.time_zone = row.text(5);
    block.duration_minutes = static_cast<int>(row.integer(6));
    block.all_day = row.boolean(7);
    block.starts_at = row.instant(8);
    block.ends_at = row.instant(9);
    block.provenance = Provenance::parse(row.text(10));
    return block;
}

Json timeOf(const BlockTimeInput& input) {
    return Json::object({{"start", input.start},
                         {"timeZone", input.time_zone},
                         {"duration", input.duration_minutes},
                         {"showWithoutTime", input.all_day}});
}

BlockTime complete(const BlockTimeInput& input) {
    const auto refuse = [](const char* why) { throw Error(Code::Invalid, "bad_member", why); };
    checkText("title", input.title, 300, true);
    if (input.duration_minutes < 1 || input.duration_minutes > kLongestMinutes)
        refuse("durationMinutes: must be from 1 minute to 366 days");
    BlockTime block;
    static_cast<BlockTimeInput&>(block) = input;
    block.start = input.start.substr(0, 16);
    Span span;
    if (input.all_day) {
        if (input.duration_minutes % kDayMinutes != 0)
            refuse("durationMinutes: an all-day block lasts whole days, 1440 each");
        if (block.start.size() != 10 && !block.start.ends_with("T00:00"))
            refuse("start: an all-day block starts at T00:00");
        block.start = block.start.substr(0, 10) + "T00:00";
        span = daySpan(block.start.substr(0, 10), input.duration_minutes / kDayMinutes, input.time_zone);
    } else {
        span.from = toUtc(input.start, input.time_zone);
        span.until = span.from + std::chrono::minutes(input.duration_minutes);
    }
    block.starts_at = span.from;
    block.ends_at = span.until;
    return block;
}

}  // namespace

void BlockTimes::write(const BlockTime& b, bool exists) {
    Staff(tx_, now_).get(CallContext::system(tx_.tenant(), "crm"), b.staff_id);
    Occupancy occupancy(tx_);
    const Span span{b.starts_at, b.ends_at};
    occupancy.refuseOverlap(b.staff_id, span, b.id, "appointment");
    occupancy.occupy(b.staff_id, "block-time", b.id, span);
    tx_.exec(exists
                 ? "UPDATE block_times SET version = ?2, staff_id = ?3, title = ?4, start_local = ?5, time_zone = ?6,"
                   " duration_minutes = ?7, all_day = ?8, starts_at = ?9, ends_at = ?10, provenance = ?11"
                   " WHERE tenant_id = :tenant AND id = ?1"
                 : "INSERT INTO block_times (tenant_id, id, version, staff_id, title, start_local, time_zone,"
                   " duration_minutes, all_day, starts_at, ends_at, provenance)"
                   " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
             b.id, b.version, b.staff_id, b.title, b.start, b.time_zone, b.duration_minutes, b.all_day, b.starts_at,
             b.ends_at, b.provenance.text());
}

BlockTime BlockTimes::create(const CallContext& context, const BlockTimeInput& input) {
    BlockTime block = complete(input);
    block.id = newId();
    block.version = 1;
    block.provenance = Provenance().after(context, Json::object(), timeOf(block));
    write(block, false);
    recordChange(context, tx_, {"block-time.created", "block-time", block.id, 1, {}, Json::object()}, now_);
    return block;
}

std::optional<BlockTime> BlockTimes::find(const CallContext&, const std::string& id) {
    const auto row = tx_.one(
        "SELECT id, version, staff_id, title, start_local, time_zone, duration_minutes, all_day,"
        " starts_at, ends_at, provenance FROM block_times WHERE tenant_id = :tenant AND id = ?1",
        id);
    return row ? std::optional(fromRow(*row)) : std::nullopt;
}

BlockTime BlockTimes::get(const CallContext& context, const std::string& id) {
    std::optional<BlockTime> block = find(context, id);
    if (!block) throw Error(Code::NotFound, "no_block_time", "this block time does not exist");
    return std::move(*block);
}

BlockTime BlockTimes::update(const CallContext& context, const std::string& id, Version expected,
                             const BlockTimeInput& input) {
    const BlockTime before = get(context, id);
    checkVersion("the block time", expected, before.version);
    BlockTime after = complete(input);
    after.id = id;
    after.version = before.version;
    after.provenance = before.provenance.after(context, timeOf(before), timeOf(after));
    const std::vector<std::string> changed = changedMembers(toJson(before), toJson(after));
    if (changed.empty()) return before;
    ++after.version;
    write(after, true);
    recordChange(context, tx_, {"block-time.updated", "block-time", id, after.version, changed, Json::object()}, now_);
    return after;
}

void BlockTimes::remove(const CallContext& context, const std::string& id, Version expected) {
    const BlockTime before = get(context, id);
    checkVersion("the block time", expected, before.version);
    Occupancy(tx_).clear("block-time", id);
    tx_.exec("DELETE FROM block_times WHERE tenant_id = :tenant AND id = ?1", id);
    recordChange(context, tx_, {"block-time.deleted", "block-time", id, before.version + 1, {}, Json::object()}, now_);
}

std::vector<BlockTime> BlockTimes::list(const CallContext&, Span span, std::optional<std::string> staff_id) {
    std::vector<BlockTime> blocks;
    for (const storage::Row& row :
         tx_.query("SELECT id, version, staff_id, title, start_local, time_zone, duration_minutes, all_day,"
                   " starts_at, ends_at, provenance FROM block_times WHERE tenant_id = :tenant AND starts_at < ?2 AND "
                   "ends_at > ?1"
                   " AND (?3 IS NULL OR staff_id = ?3) ORDER BY starts_at, id LIMIT ?4",
                   span.from, span.until, staff_id, kMostInList))
        blocks.push_back(fromRow(row));
    return blocks;
}

Json toJson(const BlockTime& b) {
    return Json::object({{"id", b.id},
                         {"version", b.version},
                         {"staffId", b.staff_id},
                         {"title", b.title},
                         {"start", b.start},
                         {"timeZone", b.time_zone},
                         {"durationMinutes", b.duration_minutes},
                         {"allDay", b.all_day},
                         {"startsAt", formatInstant(b.starts_at)},
                         {"endsAt", formatInstant(b.ends_at)}});
}

BlockTimeInput blockTimeInput(const Json& json) {
    BlockTimeInput input;
    input.staff_id = json.str("staffId");
    input.title = json.getStr("title");
    input.start = json.str("start");
    input.time_zone = json.str("timeZone");
    input.all_day = json.getBool("allDay");
    input.duration_minutes = boundedInt(json, "durationMinutes", input.all_day ? kDayMinutes : input.duration_minutes);
    return input;
}

}  // namespace portico::crm
