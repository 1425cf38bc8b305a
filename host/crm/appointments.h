// SPDX-License-Identifier: Apache-2.0
// Appointments and meetings. Repository; confined to its transaction (see change.h). Invariants: starts_at and ends_at
// follow from local time, zone and duration; confirmed and completed ones occupy their member of staff (with the
// service's buffer after it), cancelled ones and no-shows do not; nothing overlaps (occupancy.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crm/change.h"
#include "host/crm/provenance.h"
#include "host/crm/times.h"

namespace portico::crm {

constexpr int kLongestAppointmentMinutes = 24 * 60;

struct Participant {
    std::string name, email;
    std::optional<std::string> contact_id;
    bool operator==(const Participant&) const = default;
};

struct AppointmentInput {
    std::string kind = "appointment";  // or "meeting"
    std::string title;                 // empty: the service's name
    std::vector<std::string> contact_ids;
    std::optional<std::string> service_id;
    std::string staff_id;
    std::string start;  // local, "2026-11-23T09:00"
    std::string time_zone;
    int duration_minutes = 0;          // 0: the service's
    std::string status = "confirmed";  // cancelled, completed, noShow
    std::string notes;
    std::vector<Participant> participants;
};

struct Appointment : AppointmentInput {
    std::string id;
    std::int64_t version = 0;
    Instant starts_at, ends_at;
    Instant created_at, updated_at;
    Provenance provenance;  // of start, timeZone and duration
};

struct Warning {
    std::string code;  // "outside_working_hours", "past"
    std::string text;
};

struct Booked {
    Appointment appointment;
    std::vector<Warning> warnings;  // allowed all the same
};

struct AppointmentQuery {
    Span span;  // what overlaps it
    std::optional<std::string> staff_id;
    bool cancelled_too = true;
};

class Appointments {
public:
    Appointments(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}

    Booked create(const CallContext& context, const AppointmentInput& input);
    Appointment get(const CallContext& context, const std::string& id);
    std::optional<Appointment> find(const CallContext& context, const std::string& id);
    Booked update(const CallContext& context, const std::string& id, Version expected, const AppointmentInput& input);
    Appointment setStatus(const CallContext& context, const std::string& id, Version expected,
                          const std::string& status);
    void remove(const CallContext& context, const std::string& id, Version expected);

    // Ordered by start; at most 2,000 (a month of a large business).
    std::vector<Appointment> list(const CallContext& context, const AppointmentQuery& query);
    std::vector<Appointment> ofContact(const CallContext& context, const std::string& contact_id, int limit);

private:
    Appointment complete(const CallContext& context, const AppointmentInput& input, int& buffer_minutes);
    void write(const Appointment& appointment, bool exists);
    void guard(const Appointment& appointment, int buffer_minutes);
    std::vector<Warning> warningsOf(const CallContext& context, const Appointment& appointment);
    std::vector<Appointment> fromRows(const std::vector<storage::Row>& rows);

    storage::Tx& tx_;
    Instant now_;
};

Json toJson(const Appointment& appointment);
AppointmentInput appointmentInput(const Json& json);
Json toJson(const std::vector<Warning>& warnings);

}  // namespace portico::crm
