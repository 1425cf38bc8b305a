// SPDX-License-Identifier: Apache-2.0
// Times as services write them: RFC 3339 instants, local date-times without a zone, ISO 8601 durations. Pure functions,
// proleptic Gregorian calendar, no leap seconds, no time zone rules (a sandboxed plugin has no zone database).
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace portico::sdk {

inline constexpr std::int64_t kSecond = 1, kMinute = 60, kHour = 3'600, kDay = 86'400;

namespace detail {

// Exactly `count` digits at `at`, or nothing.
inline std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

inline bool marks(std::string_view text,
                  std::string_view pattern) {  // '0' matches anything, other characters themselves
    if (text.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '0' && pattern[i] != text[i]) return false;
    }
    return true;
}

}  // namespace detail

// Days since 1970-01-01 of "YYYY-MM-DD" at the start of text.
inline std::optional<std::int64_t> parseDate(std::string_view text) {
    using namespace std::chrono;
    const auto y = detail::digits(text, 0, 4), m = detail::digits(text, 5, 2), d = detail::digits(text, 8, 2);
    if (!y || !m || !d || !detail::marks(text, "0000-00-00")) return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
    if (!date.ok()) return std::nullopt;
    return sys_days(date).time_since_epoch().count();
}

inline std::string formatDate(std::int64_t days) {
    using namespace std::chrono;
    const year_month_day date{sys_days(std::chrono::days(days))};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

// "YYYY-MM-DDTHH:MM:SS" at the start of text as seconds since 1970 on an imaginary clock in no zone.
inline std::optional<std::int64_t> parseLocal(std::string_view text) {
    const auto date = parseDate(text);
    const auto h = detail::digits(text, 11, 2), m = detail::digits(text, 14, 2), s = detail::digits(text, 17, 2);
    if (!date || !h || !m || !s || !detail::marks(text, "0000-00-00T00:00:00")) return std::nullopt;
    if (*h > 23 || *m > 59 || *s > 59) return std::nullopt;
    return *date * kDay + *h * kHour + *m * kMinute + *s;
}

inline std::string formatLocal(std::int64_t seconds) {
    const std::int64_t day = seconds >= 0 ? seconds / kDay : (seconds - kDay + 1) / kDay;
    const auto rest = static_cast<int>(seconds - day * kDay);
    char text[40];
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d", rest / 3600, rest / 60 % 60, rest % 60);
    return formatDate(day) + text;
}

// Milliseconds since 1970 of an RFC 3339 date-time with 'Z' or an offset; nothing for anything else.
inline std::optional<std::int64_t> parseInstant(std::string_view text) {
    const auto local = parseLocal(text);
    if (!local) return std::nullopt;
    std::size_t at = 19;
    std::int64_t ms = 0;
    if (at < text.size() && text[at] == '.') {
        std::int64_t weight = 100;
        for (++at; at < text.size() && detail::digits(text, at, 1); ++at, weight /= 10) ms += weight * (text[at] - '0');
    }
    if (text.substr(at) == "Z") return *local * 1000 + ms;
    const auto h = detail::digits(text, at + 1, 2), m = detail::digits(text, at + 4, 2);
    if (text.size() != at + 6 || !h || !m || text[at + 3] != ':' || (text[at] != '+' && text[at] != '-'))
        return std::nullopt;
    const std::int64_t offset = *h * kHour + *m * kMinute;
    return (*local - (text[at] == '+' ? offset : -offset)) * 1000 + ms;
}

inline std::string formatInstant(std::int64_t ms) {  // to the second, rounded down, in UTC
    return formatLocal(ms >= 0 ? ms / 1000 : (ms - 999) / 1000) + "Z";
}

// Seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds ("P1DT2H"); days count 24 hours.
inline std::optional<std::int64_t> parseDuration(std::string_view text) {
    if (text.size() < 3 || text[0] != 'P') return std::nullopt;
    std::int64_t total = 0, number = -1;
    bool time = false;
    for (const char c : text.substr(1)) {
        if (c >= '0' && c <= '9') {
            number = (number < 0 ? 0 : number) * 10 + (c - '0');
            if (number > 1'000'000'000) return std::nullopt;
            continue;
        }
        if (c == 'T' && !time && number < 0) {
            time = true;
            continue;
        }
        const std::int64_t unit = !time && c == 'W'   ? 7 * kDay
                                  : !time && c == 'D' ? kDay
                                  : time && c == 'H'  ? kHour
                                  : time && c == 'M'  ? kMinute
                                  : time && c == 'S'  ? kSecond
                                                      : 0;
        if (unit == 0 || number < 0) return std::nullopt;
        total += number * unit;
        number = -1;
    }
    return number < 0 && text.back() != 'T' ? std::optional(total) : std::nullopt;
}

inline std::string formatDuration(std::int64_t seconds) {
    if (seconds % kDay == 0 && seconds > 0) return "P" + std::to_string(seconds / kDay) + "D";
    std::string text = "PT";
    if (seconds >= kHour) text += std::to_string(seconds / kHour) + "H";
    if (seconds % kHour >= kMinute) text += std::to_string(seconds % kHour / kMinute) + "M";
    if (seconds % kMinute != 0 || seconds == 0) text += std::to_string(seconds % kMinute) + "S";
    return text;
}

}  // namespace portico::sdk
