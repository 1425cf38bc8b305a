// SPDX-License-Identifier: Apache-2.0
// Leaving tidily: what a connection brought together, and taking it apart before the connection ends, in steps and for
// a limited time. Functions over a transaction, but for removeThere(), which talks to the service outside of any.
// Invariants: only what we made is removed there, and only if it is still as we left it; only what was made from the
// service's and never used since is removed here; a connection that is being left is used for nothing else.
#pragma once

#include "host/sync/links.h"
#include "host/sync/ports.h"

namespace portico::sync {

struct Leaving {
    std::string id;
    UserId user;
    std::vector<ConnectionId> connections;
    Json ending;
    bool there = false;
    Instant started_at, until;
    std::int64_t total = 0, removed = 0, stayed = 0;
    std::string problem;
    Json receipt;  // null while it goes on
};

void saveLeaving(storage::Tx& tx, const Leaving& leaving);
std::optional<Leaving> findLeaving(storage::Tx& tx, const std::string& id);
std::vector<Leaving> leavings(storage::Tx& tx, const UserId& user);  // newest first
void dropLeaving(storage::Tx& tx, const std::string& id);
void dropLeavings(storage::SystemTx& tx, Instant older_than);  // those that are over

// What is left for each side to decide about.
struct Traces {
    std::int64_t imported = 0;  // records here that were made from the service's
    std::int64_t used = 0;      // of these: with a history here, changed here, or in another account as well
    std::int64_t events = 0, contacts = 0;  // that we made there
    Traces& operator+=(const Traces& more);
};
Traces tracesOf(storage::Tx& tx, Instant now, const ConnectionId& connection);

// Removes up to `limit` imported records that were never used; how many. Nothing is told to the service.
int removeImported(storage::Tx& tx, const CallContext& ctx, Instant now, const ConnectionId& connection, int limit);

// What we made there, or may have: a create whose outcome was never heard counts.
std::int64_t countMadeThere(storage::Tx& tx, const ConnectionId& connection);
// Streams of the connection in which we made something that is still there.
std::vector<StreamState> streamsMadeIn(storage::Tx& tx, const ConnectionId& connection);
struct Removed {
    int removed = 0, stayed = 0;
    bool again = false;  // something must be asked for once more
    std::int64_t retry_after_ms = 0;
};
// One step: asks the service to remove up to `limit` of what we made in the stream.
Removed removeThere(storage::Database& database, const TenantId& tenant, const StreamState& stream,
                    Connector& connector, int limit);

}  // namespace portico::sync
