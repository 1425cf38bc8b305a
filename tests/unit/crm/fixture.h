// SPDX-License-Identifier: Apache-2.0
// A database with two tenants that hold the same kind of data, under a virtual clock. One thread at a time, except
// `database`.
#pragma once

#include <string>

#include "host/base/error.h"
#include "host/crm/appointments.h"
#include "host/crm/catalogue.h"
#include "host/crm/contacts.h"
#include "host/crm/migrations.h"
#include "host/storage/database.h"
#include "host/storage/outbox.h"
#include "tests/support/temp_dir.h"

namespace portico::tests {

struct Business {
    TempDir dir;
    ManualClock clock{parseInstant("2026-11-20T09:00:00Z")};
    storage::Database database{{dir / "test.db", crm::migrations(), 2}};
    CallContext me{TenantId("tenant-a"), {UserId("user-a"), "web"}, Deadline::never(), "trace"};
    CallContext them{TenantId("tenant-b"), {UserId("user-b"), "web"}, Deadline::never(), "trace"};

    template <class F>
    auto write(const CallContext& who, F&& f) {
        return database.write(who.tenant, [&](storage::Tx& tx) { return f(tx); });
    }
    template <class F>
    auto write(F&& f) {
        return write(me, std::forward<F>(f));
    }
    template <class F>
    auto read(F&& f) {
        return database.read(me.tenant, [&](storage::Tx& tx) { return f(tx); });
    }

    crm::StaffMember addStaff(const CallContext& who, Json hours = Json::object()) {
        return write(who, [&](storage::Tx& tx) {
            return crm::Staff(tx, clock.now()).create(who, {"Anna", std::nullopt, "#2f9e8f", std::move(hours), true});
        });
    }
    crm::Contact addContact(const CallContext& who, const std::string& card) {
        return write(who,
                     [&](storage::Tx& tx) { return crm::Contacts(tx, clock.now()).create(who, Json::parse(card)); });
    }
    crm::AppointmentInput at(const std::string& staff_id, const std::string& start, int minutes = 60) {
        crm::AppointmentInput input;
        input.title = "Cut";
        input.staff_id = staff_id;
        input.start = start;
        input.time_zone = "Europe/London";
        input.duration_minutes = minutes;
        return input;
    }
    crm::Booked book(const crm::AppointmentInput& input) {
        return write([&](storage::Tx& tx) { return crm::Appointments(tx, clock.now()).create(me, input); });
    }
    std::vector<storage::StoredEvent> events() {
        return read([](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 10'000); });
    }
};

template <class F>
Error errorOf(F&& f) {
    try {
        f();
    } catch (const Error& error) {
        return error;
    }
    return Error(Code::Ok, "", "");
}
template <class F>
std::string reasonOf(F&& f) {
    return errorOf(std::forward<F>(f)).reason();
}

}  // namespace portico::tests
