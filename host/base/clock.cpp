// SPDX-License-Identifier: Apache-2.0
#include "host/base/clock.h"

#include <cstdio>
#include <ctime>

#include "host/base/error.h"

namespace portico {
namespace {

// A fixed number of digits at `at`; throws nothing, returns -1 when a character is no digit.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

[[noreturn]] void refuse(std::string_view text) {
    throw Error(Code::Invalid, "bad_time",
                "'" + std::string(text.substr(0, 40)) + "' is not a time such as 2026-11-21T09:30:00Z");
}

}  // namespace

Instant SystemClock::now() const { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

std::string formatInstant(Instant at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return text;
}

Instant parseInstant(std::string_view text) {
    using namespace std::chrono;
    const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || hour > 23 || minute > 59 ||
        second > 60 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
        text[16] != ':')
        refuse(text);
    const year_month_day date(std::chrono::year(year) / month / day);
    if (!date.ok()) refuse(text);
    std::size_t at = 19;
    int millis = 0;
    if (at < text.size() && text[at] == '.') {
        int scale = 100;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
            millis += (text[at] - '0') * scale;
        if (scale == 100) refuse(text);
    }
    minutes offset{0};
    if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) {
        ++at;
    } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
        const int hours = digits(text, at + 1, 2), mins = digits(text, at + 4, 2);
        if (hours < 0 || hours > 23 || mins < 0 || mins > 59) refuse(text);
        offset = minutes((text[at] == '-' ? -1 : 1) * (hours * 60 + mins));
        at += 6;
    }
    if (at != text.size() || at == 19) refuse(text);
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + Millis(millis) - offset;
}

std::int64_t monotonicNs() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

}  // namespace portico
