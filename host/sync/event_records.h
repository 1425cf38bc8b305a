// SPDX-License-Identifier: Apache-2.0
// What the CRM puts into calendars, as JSCalendar events: appointments and meetings, block times, follow-ups. An event
// goes to the calendar of the member of staff it concerns; staff without a sign-in of their own are in the owner's.
// From the calendar come a new time, a new length, and a cancellation; titles and people stay ours. Events that the CRM
// did not make are never taken over. Thread-safe.
#pragma once

#include <functional>

#include "host/sync/ports.h"

namespace portico::sync {

class EventRecords final : public Records {
public:
    // Who sees the calendars of staff without a sign-in: the tenant's owner.
    using OwnerOf = std::function<UserId(storage::Tx&)>;
    EventRecords(const Clock& clock, OwnerOf owner_of) : clock_(clock), owner_of_(std::move(owner_of)) {}

    const std::vector<std::string>& kinds() const override;
    std::optional<LocalRecord> load(storage::Tx& tx, const UserId& owner, const std::string& kind,
                                    const std::string& id) const override;
    // From yesterday on: the past is not sent to a calendar that was connected today.
    std::vector<std::pair<std::string, std::string>> all(storage::Tx& tx, const UserId& owner) const override;
    std::optional<LocalRecord> match(storage::Tx&, const UserId&, const Json&) const override { return std::nullopt; }
    std::optional<LocalRecord> create(storage::Tx&, const CallContext&, const Json&) const override {
        return std::nullopt;
    }
    LocalRecord update(storage::Tx& tx, const CallContext& ctx, const LocalRecord& now,
                       const Json& record) const override;
    // Titles name clients: those whose names this reader may not have are left out.
    std::optional<Json> leaving(storage::Tx& tx, const LocalRecord& local, plugin::Reader& reader,
                                const Json& there) const override;
    std::string removedThere(storage::Tx& tx, const CallContext& ctx, const std::string& kind,
                             const std::string& id) const override;

private:
    struct Found {
        LocalRecord record;
        std::optional<std::string> staff_id;
    };
    // `reader`: who reads the title; nobody: whoever works here.
    std::optional<Found> find(storage::Tx& tx, const std::string& kind, const std::string& id,
                              plugin::Reader* reader = nullptr) const;
    bool belongs(storage::Tx& tx, const UserId& owner, const std::optional<std::string>& staff_id) const;

    const Clock& clock_;
    const OwnerOf owner_of_;
};

}  // namespace portico::sync
