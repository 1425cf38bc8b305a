// SPDX-License-Identifier: Apache-2.0
// What a business offers and who does it: services, and staff with working hours. Repositories; confined to their
// transaction (see change.h). Neither is deleted, because appointments refer to them: they are made inactive.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crm/change.h"
#include "host/crm/times.h"

namespace portico::crm {

struct ServiceInput {
    std::string name;
    int duration_minutes = 60;  // 1..1440
    int buffer_minutes = 0;     // kept free after each appointment, 0..240
    std::int64_t price_cents = 0;
    std::string currency = "GBP";
    std::string color;  // "#rrggbb" or empty
    bool active = true;
};
struct Service : ServiceInput {
    std::string id;
    std::int64_t version = 0;
};

class Services {
public:
    Services(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}
    Service create(const CallContext& context, const ServiceInput& input);
    Service get(const CallContext& context, const std::string& id);
    Service update(const CallContext& context, const std::string& id, Version expected, const ServiceInput& input);
    std::vector<Service> list(const CallContext& context);

private:
    storage::Tx& tx_;
    Instant now_;
};

// Per weekday ("mon".."sun") spans {"from":"09:00","to":"17:00"}, in order, not overlapping. A day without a member is
// free; an empty object says nothing about working hours.
struct StaffInput {
    std::string name;
    std::optional<std::string> user_id;
    std::string color;
    Json working_hours = Json::object();
    bool active = true;
};
struct StaffMember : StaffInput {
    std::string id;
    std::int64_t version = 0;
};

class Staff {
public:
    Staff(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}
    StaffMember create(const CallContext& context, const StaffInput& input);
    StaffMember get(const CallContext& context, const std::string& id);
    StaffMember update(const CallContext& context, const std::string& id, Version expected, const StaffInput& input);
    std::vector<StaffMember> list(const CallContext& context);
    // The staff member a user is; nothing when the user only works at the desk.
    std::optional<StaffMember> ofUser(const CallContext& context, const UserId& user);

private:
    storage::Tx& tx_;
    Instant now_;
};

// True when the hours say nothing, or cover the whole span on its day.
bool withinWorkingHours(const Json& working_hours, WeekTime start, int duration_minutes);

Json toJson(const Service& service);
Json toJson(const StaffMember& member);
ServiceInput serviceInput(const Json& json);
StaffInput staffInput(const Json& json);

}  // namespace portico::crm
