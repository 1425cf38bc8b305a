// SPDX-License-Identifier: Apache-2.0
// An event (JSCalendar) from a plugin or a service, as far as the CRM reads it: when it is.
#include "tests/fuzz/fuzz.h"

#include "host/base/error.h"
#include "host/crm/times.h"
#include "host/sync/event_text.h"

using namespace portico;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const sync::EventTime time = sync::timeOf(Json::parse(textOf(data, size), 1u << 20));
        require(time.minutes >= 1 && time.minutes <= 366 * 24 * 60, "it lasts a minute to a year");
        require(sync::durationMinutes(sync::durationText(time.minutes, false)) == time.minutes,
                "a length reads the same");
        const Instant start = crm::toUtc(time.start, time.time_zone);
        require(crm::toLocal(start, time.time_zone) == time.start, "a time reads the same");
    } catch (const Error& error) {
        require(error.code() == Code::Invalid || error.code() == Code::Limit, "a bad event is bad input");
    }
    return 0;
}
