// SPDX-License-Identifier: Apache-2.0
// CRM nouns <-> JSCalendar events (RFC 8984), the shape that calendar plugins see. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "host/base/json.h"
#include "host/crm/appointments.h"
#include "host/crm/block_times.h"
#include "host/crm/follow_ups.h"

namespace portico::sync {

Json eventOf(const crm::Appointment& appointment, const std::vector<std::string>& contact_names);
Json eventOf(const crm::BlockTime& block);
Json eventOf(const crm::FollowUp& follow_up, const std::string& contact_name);

// When an event says it takes place. Invalid when it lasts longer than a year or less than a minute.
struct EventTime {
    std::string start;  // local "YYYY-MM-DDTHH:MM"
    std::string time_zone;
    int minutes = 0;
    bool all_day = false;
};
EventTime timeOf(const Json& event);

// "PT1H30M", "P2D" -> minutes; throws Invalid for anything else.
int durationMinutes(const std::string& duration);
std::string durationText(int minutes, bool all_day);

}  // namespace portico::sync
