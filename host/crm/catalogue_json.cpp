// SPDX-License-Identifier: Apache-2.0
#include "host/crm/catalogue.h"

namespace portico::crm {

Json toJson(const Service& service) {
    return Json::object({{"id", service.id},
                         {"version", service.version},
                         {"name", service.name},
                         {"durationMinutes", service.duration_minutes},
                         {"bufferMinutes", service.buffer_minutes},
                         {"priceCents", service.price_cents},
                         {"currency", service.currency},
                         {"color", service.color},
                         {"active", service.active}});
}

Json toJson(const StaffMember& member) {
    Json json = Json::object({{"id", member.id}, {"version", member.version}, {"name", member.name}});
    if (member.user_id) json.set("userId", *member.user_id);
    return json.set("color", member.color).set("workingHours", member.working_hours).set("active", member.active);
}

ServiceInput serviceInput(const Json& json) {
    ServiceInput input;
    input.name = json.str("name");
    input.duration_minutes = boundedInt(json, "durationMinutes", input.duration_minutes);
    input.buffer_minutes = boundedInt(json, "bufferMinutes", input.buffer_minutes);
    input.price_cents = json.getInt("priceCents", input.price_cents);
    input.currency = json.getStr("currency", input.currency);
    input.color = json.getStr("color");
    input.active = json.getBool("active", true);
    return input;
}

StaffInput staffInput(const Json& json) {
    StaffInput input;
    input.name = json.str("name");
    input.user_id = json.optStr("userId");
    input.color = json.getStr("color");
    if (const Json* hours = json.find("workingHours"); hours != nullptr && !hours->isNull())
        input.working_hours = *hours;
    input.active = json.getBool("active", true);
    return input;
}

}  // namespace portico::crm
