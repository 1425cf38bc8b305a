// SPDX-License-Identifier: Apache-2.0
#include "host/crm/times.h"

#include <date/tz.h>

#include <cstdio>
#include <optional>

#include "host/base/error.h"

namespace portico::crm {
namespace {

using LocalMinutes = date::local_time<std::chrono::minutes>;

const date::time_zone* zoneOf(const std::string& zone) {
    // The library opens files named by the zone: only what can be a zone's name may reach it.
    const bool plausible =
        !zone.empty() && zone.size() <= 64 && zone.front() != '/' && zone.front() != '.' &&
        zone.find("..") == std::string::npos &&
        zone.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
            std::string::npos;
    if (plausible) {
        try {
            return date::locate_zone(zone);
        } catch (const std::exception&) {
            // Falls through to the refusal, which says it better.
        }
    }
    throw Error(Code::Invalid, "bad_time_zone",
                "'" + zone.substr(0, 64) + "' is not a time zone such as Europe/London");
}

int number(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<date::year_month_day> parseDate(std::string_view text) {
    const int year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
    if (text.size() < 10 || year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const date::year_month_day date{date::year(year), date::month(static_cast<unsigned>(month)),
                                    date::day(static_cast<unsigned>(day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

LocalMinutes parseLocal(std::string_view text) {
    const auto date = parseDate(text);
    const int hour = number(text, 11, 2), minute = number(text, 14, 2);
    const bool seconds = text.size() == 19 && text.substr(16) == ":00";
    if (!date || (text.size() != 16 && !seconds) || text[10] != 'T' || text[13] != ':' || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59)
        throw Error(Code::Invalid, "bad_time",
                    "'" + std::string(text.substr(0, 30)) + "' is not a local time such as 2026-11-23T09:00");
    return LocalMinutes(date::local_days(*date)) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

// The library reads only the changes that are listed in the zone's file, which end in 2037, and not the rule for the
// years after. Those years are answered by the latest year before that begins on the same weekday and has the same
// length: the rules (last Sunday of March, ...) then fall on the same days. Returns how far back that is.
date::days beyondTheTable(date::local_days day) {
    constexpr date::year kLastListed{2037};
    const date::year year = date::year_month_day(day).year();
    if (year <= kLastListed) return date::days(0);
    const date::local_days begin(year / date::January / 1);
    for (date::year earlier = kLastListed;; --earlier) {
        const date::local_days other(earlier / date::January / 1);
        if (date::weekday(other) == date::weekday(begin) && earlier.is_leap() == year.is_leap()) return begin - other;
    }
}

date::local_info infoOf(LocalMinutes local, const date::time_zone* zone) {
    const date::days shift = beyondTheTable(date::floor<date::days>(local));
    date::local_info info = zone->get_info(local - shift);
    info.first.end += shift;
    return info;
}

std::string textOf(LocalMinutes local) {
    const auto day = date::floor<date::days>(local);
    const date::year_month_day date(day);
    const auto minutes = static_cast<int>((local - day).count());
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minutes / 60, minutes % 60);
    return text;
}

}  // namespace

Instant toUtc(std::string_view local, const std::string& zone) {
    const LocalMinutes time = parseLocal(local);
    const date::local_info info = infoOf(time, zoneOf(zone));
    if (info.result == date::local_info::nonexistent)
        throw Error(Code::Invalid, "nonexistent_time",
                    "the time " + std::string(local.substr(0, 16)) + " does not exist in " + zone +
                        ": clocks are put forward then. Choose an earlier or a later time");
    // `first` holds before the change, so a time that happens twice means its first occurrence.
    return Instant(std::chrono::duration_cast<Millis>(time.time_since_epoch() - info.first.offset));
}

std::string toLocal(Instant at, const std::string& zone) {
    const auto utc = date::floor<std::chrono::seconds>(at);
    const date::days shift = beyondTheTable(date::local_days(date::floor<date::days>(utc).time_since_epoch()));
    const auto offset = zoneOf(zone)->get_info(utc - shift).offset;
    return textOf(date::floor<std::chrono::minutes>(date::local_seconds(utc.time_since_epoch() + offset)));
}

Span daySpan(std::string_view date, int days, const std::string& zone) {
    checkDate(date);
    const date::local_days first(*parseDate(date));
    const date::time_zone* place = zoneOf(zone);
    // Some zones change clocks at midnight: a day then starts with its first moment that exists.
    const auto start = [&](date::local_days day) {
        const date::local_info info = infoOf(day, place);
        if (info.result == date::local_info::nonexistent) return Instant(info.first.end);
        return Instant(std::chrono::duration_cast<Millis>(day.time_since_epoch() - info.first.offset));
    };
    return {start(first), start(first + date::days(days))};
}

void checkTimeZone(const std::string& zone) { zoneOf(zone); }

void checkDate(std::string_view date) {
    if (date.size() != 10 || !parseDate(date))
        throw Error(Code::Invalid, "bad_date",
                    "'" + std::string(date.substr(0, 20)) + "' is not a date such as 2026-11-23");
}

WeekTime weekTime(std::string_view local) {
    const LocalMinutes time = parseLocal(local);
    const auto day = date::floor<date::days>(time);
    return {static_cast<int>(date::weekday(day).iso_encoding()) - 1, static_cast<int>((time - day).count())};
}

}  // namespace portico::crm
