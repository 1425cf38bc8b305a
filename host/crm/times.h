// SPDX-License-Identifier: Apache-2.0
// Local time + IANA zone -> UTC, by the system's zone database through Howard Hinnant's tz library. Pure functions;
// thread-safe. A local time that a clock change skips is refused; one that happens twice means the first.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "host/base/clock.h"

namespace portico::crm {

constexpr Millis kDay = std::chrono::hours(24);

struct Span {
    Instant from, until;
};

// "2026-11-23T09:00" (seconds are accepted when 00). Invalid "nonexistent_time", "bad_time" or "bad_time_zone".
Instant toUtc(std::string_view local, const std::string& zone);
std::string toLocal(Instant at, const std::string& zone);  // "2026-11-23T09:00"

// From the start of `date` ("2026-11-23") for `days` days: 23 or 25 hours each where clocks change.
Span daySpan(std::string_view date, int days, const std::string& zone);
void checkTimeZone(const std::string& zone);
void checkDate(std::string_view date);

// 0 = Monday ... 6 = Sunday, and minutes since midnight, of a local "YYYY-MM-DDTHH:MM".
struct WeekTime {
    int weekday = 0;
    int minute = 0;
};
WeekTime weekTime(std::string_view local);

}  // namespace portico::crm
