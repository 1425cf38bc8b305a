// SPDX-License-Identifier: Apache-2.0
#include "host/crm/catalogue.h"

#include <array>

namespace portico::crm {
namespace {

constexpr std::array<const char*, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

void checkColor(const std::string& color) {
    const bool right = color.empty() || (color.size() == 7 && color[0] == '#' &&
                                         color.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos);
    if (!right) throw Error(Code::Invalid, "bad_member", "color: must be like #2f9e8f");
}

void check(const ServiceInput& input) {
    checkText("name", input.name, 120, false);
    checkColor(input.color);
    const auto refuse = [](const char* why) { throw Error(Code::Invalid, "bad_member", why); };
    if (input.duration_minutes < 1 || input.duration_minutes > 1440) refuse("durationMinutes: must be from 1 to 1440");
    if (input.buffer_minutes < 0 || input.buffer_minutes > 240) refuse("bufferMinutes: must be from 0 to 240");
    if (input.price_cents < 0) refuse("priceCents: may not be negative");
    if (input.currency.size() != 3) refuse("currency: must be three letters such as GBP");
}

// Minutes since midnight of "HH:MM"; 24:00 ends a day.
int minuteOf(const std::string& text) {
    const bool right = text.size() == 5 && text[2] == ':' &&
                       text.find_first_not_of("0123456789:") == std::string::npos && text.find(':') == text.rfind(':');
    const int minute = right ? std::stoi(text.substr(0, 2)) * 60 + std::stoi(text.substr(3)) : -1;
    if (!right || minute > 1440 || std::stoi(text.substr(3)) > 59)
        throw Error(Code::Invalid, "bad_hours", "'" + text.substr(0, 10) + "' is not a time of day such as 09:00");
    return minute;
}

void checkDay(const std::string& day, const Json& spans) {
    int last = 0;
    for (const Json& span : spans.items()) {
        const int from = minuteOf(span.str("from")), to = minuteOf(span.str("to"));
        if (from < last || to <= from)
            throw Error(Code::Invalid, "bad_hours", "workingHours/" + day + ": times must be in order and not overlap");
        last = to;
    }
}

void check(const StaffInput& input) {
    checkText("name", input.name, 120, false);
    checkColor(input.color);
    for (const auto& [day, spans] : input.working_hours.members()) {
        bool known = false;
        for (const char* weekday : kWeekdays) known = known || day == weekday;
        if (!known) throw Error(Code::Invalid, "bad_hours", "workingHours: '" + day + "' is not one of mon..sun");
        checkDay(day, spans);
    }
}

Service serviceFrom(const storage::Row& row) {
    Service service;
    service.id = row.text(0);
    service.version = row.integer(1);
    service.name = row.text(2);
    service.duration_minutes = static_cast<int>(row.integer(3));
    service.buffer_minutes = static_cast<int>(row.integer(4));
    service.price_cents = row.integer(5);
    service.currency = row.text(6);
    service.color = row.text(7);
    service.active = row.boolean(8);
    return service;
}

StaffMember memberFrom(const storage::Row& row) {
    StaffMember member;
    member.id = row.text(0);
    member.version = row.integer(1);
    member.name = row.text(2);
    member.user_id = row.optText(3);
    member.color = row.text(4);
    member.working_hours = Json::parse(row.text(5));
    member.active = row.boolean(6);
    return member;
}

}  // namespace

Service Services::create(const CallContext& context, const ServiceInput& input) {
    check(input);
    const std::string id = newId();
    tx_.exec(
        "INSERT INTO services (tenant_id, id, version, name, duration_minutes, buffer_minutes, price_cents, currency,"
        " color, active) VALUES (:tenant, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        id, input.name, input.duration_minutes, input.buffer_minutes, input.price_cents, input.currency, input.color,
        input.active);
    recordChange(context, tx_, {"service.created", "service", id, 1, {}, Json::object()}, now_);
    return get(context, id);
}

Service Services::get(const CallContext&, const std::string& id) {
    const auto row = tx_.one(
        "SELECT id, version, name, duration_minutes, buffer_minutes, price_cents, currency, color,"
        " active FROM services WHERE tenant_id = :tenant AND id = ?1",
        id);
    if (!row) throw Error(Code::NotFound, "no_service", "this service does not exist");
    return serviceFrom(*row);
}

Service Services::update(const CallContext& context, const std::string& id, Version expected,
                         const ServiceInput& input) {
    check(input);
    const Service before = get(context, id);
    checkVersion("the service", expected, before.version);
    const std::vector<std::string> changed = changedMembers(toJson(before), toJson(Service{input, id, before.version}));
    if (changed.empty()) return before;
    tx_.exec(
        "UPDATE services SET version = version + 1, name = ?2, duration_minutes = ?3, buffer_minutes = ?4,"
        " price_cents = ?5, currency = ?6, color = ?7, active = ?8 WHERE tenant_id = :tenant AND id = ?1",
        id, input.name, input.duration_minutes, input.buffer_minutes, input.price_cents, input.currency, input.color,
        input.active);
    recordChange(context, tx_, {"service.updated", "service", id, before.version + 1, changed, Json::object()}, now_);
    return get(context, id);
}

std::vector<Service> Services::list(const CallContext&) {
    std::vector<Service> services;
    for (const storage::Row& row :
         tx_.query("SELECT id, version, name, duration_minutes, buffer_minutes, price_cents, currency, color, active"
                   " FROM services WHERE tenant_id = :tenant ORDER BY name, id"))
        services.push_back(serviceFrom(row));
    return services;
}

StaffMember Staff::create(const CallContext& context, const StaffInput& input) {
    check(input);
    const std::string id = newId();
    tx_.exec(
        "INSERT INTO staff (tenant_id, id, version, name, user_id, color, working_hours, active)"
        " VALUES (:tenant, ?1, 1, ?2, ?3, ?4, ?5, ?6)",
        id, input.name, input.user_id, input.color, input.working_hours.dump(), input.active);
    recordChange(context, tx_, {"staff.created", "staff", id, 1, {}, Json::object()}, now_);
    return get(context, id);
}

StaffMember Staff::get(const CallContext&, const std::string& id) {
    const auto row = tx_.one(
        "SELECT id, version, name, user_id, color, working_hours, active FROM staff"
        " WHERE tenant_id = :tenant AND id = ?1",
        id);
    if (!row) throw Error(Code::NotFound, "no_staff", "this member of staff does not exist");
    return memberFrom(*row);
}

StaffMember Staff::update(const CallContext& context, const std::string& id, Version expected,
                          const StaffInput& input) {
    check(input);
    const StaffMember before = get(context, id);
    checkVersion("the member of staff", expected, before.version);
    const std::vector<std::string> changed =
        changedMembers(toJson(before), toJson(StaffMember{input, id, before.version}));
    if (changed.empty()) return before;
    tx_.exec(
        "UPDATE staff SET version = version + 1, name = ?2, user_id = ?3, color = ?4, working_hours = ?5, active = ?6"
        " WHERE tenant_id = :tenant AND id = ?1",
        id, input.name, input.user_id, input.color, input.working_hours.dump(), input.active);
    recordChange(context, tx_, {"staff.updated", "staff", id, before.version + 1, changed, Json::object()}, now_);
    return get(context, id);
}

std::vector<StaffMember> Staff::list(const CallContext&) {
    std::vector<StaffMember> members;
    for (const storage::Row& row :
         tx_.query("SELECT id, version, name, user_id, color, working_hours, active FROM staff"
                   " WHERE tenant_id = :tenant ORDER BY name, id"))
        members.push_back(memberFrom(row));
    return members;
}

std::optional<StaffMember> Staff::ofUser(const CallContext&, const UserId& user) {
    const auto row = tx_.one(
        "SELECT id, version, name, user_id, color, working_hours, active FROM staff"
        " WHERE tenant_id = :tenant AND user_id = ?1 ORDER BY active DESC, id",
        user);
    return row ? std::optional(memberFrom(*row)) : std::nullopt;
}

bool withinWorkingHours(const Json& working_hours, WeekTime start, int duration_minutes) {
    if (working_hours.members().empty()) return true;
    const Json* spans = working_hours.find(kWeekdays[static_cast<std::size_t>(start.weekday)]);
    if (spans == nullptr) return false;
    for (const Json& span : spans->items())
        if (start.minute >= minuteOf(span.str("from")) && start.minute + duration_minutes <= minuteOf(span.str("to")))
            return true;
    return false;
}

}  // namespace portico::crm
