// SPDX-License-Identifier: Apache-2.0
// The one guard against double booking: everything that makes a member of staff busy is a row here, and every path that
// books (UI, API, sync, import) asks here inside its own write transaction. The writer thread is the lock. Confined to
// its transaction.
#pragma once

#include <string>
#include <vector>

#include "host/crm/change.h"
#include "host/crm/times.h"

namespace portico::crm {

struct Busy {
    std::string kind;  // "appointment", "block-time", "external"
    std::string id;    // of the appointment or block time; the source of an external span
    std::string title;
    Span span;
};

class Occupancy {
public:
    explicit Occupancy(storage::Tx& tx) : tx_(tx) {}

    // What overlaps the span, except the subject itself. `kinds` of one: only that kind.
    std::vector<Busy> overlapping(const std::string& staff_id, Span span, const std::string& except_id,
                                  const std::string& only_kind = "");
    // Throws Conflict "double_booking", details {"conflicts":[{kind,id,title,start,end}]}.
    void refuseOverlap(const std::string& staff_id, Span span, const std::string& except_id,
                       const std::string& only_kind = "");

    // Replaces the subject's span; clear() when it is no longer busy.
    void occupy(const std::string& staff_id, const std::string& kind, const std::string& id, Span span);
    void clear(const std::string& kind, const std::string& id);

private:
    storage::Tx& tx_;
};

// Busy times of an outside calendar within a window, replacing what that source said before. Our own appointments and
// block times come back from there too: they are taken out, so that nothing conflicts with its own copy.
struct ExternalBusy {
    std::string staff_id;
    std::string source;  // "google-calendar:CONNECTION"
    Span window;
    std::vector<Span> busy;
};
void replaceExternalBusy(const CallContext& context, storage::Tx& tx, const ExternalBusy& external, Instant now);
void forgetExternalBusy(const CallContext& context, storage::Tx& tx, const std::string& source);
// How old the oldest of the member's sources is; nothing when there is none.
std::optional<Instant> externalBusyFetchedAt(storage::Tx& tx, const std::string& staff_id);

}  // namespace portico::crm
