// SPDX-License-Identifier: Apache-2.0
// The transactional outbox: an event is written in the transaction of the change it tells of, numbered per tenant
// without gaps, and deleted only when every registered consumer of the tenant has acknowledged it. Functions on a Tx;
// confined to it. Event data never holds secrets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/storage/tx.h"

namespace portico::storage {

struct Event {
    std::string type;          // "contact.created"
    std::string subject_kind;  // "contact"
    std::string subject_id;
    Json data = Json::object();
};

struct StoredEvent {
    std::int64_t seq = 0;
    Event event;
    std::string actor, via, trace;
    Instant at;
};

// Returns the event's number.
std::int64_t appendEvent(Tx& tx, const CallContext& context, const Event& event, Instant now);

// In order, starting after `seq`.
std::vector<StoredEvent> eventsAfter(Tx& tx, std::int64_t seq, int limit);

// Makes the tenant's events wait for these consumers; those already registered keep their place, new ones start with
// the oldest event that is still there. Register all of them at once: an event that the known ones have acked is gone.
void registerConsumers(Tx& tx, const std::vector<std::string>& consumers);
// A consumer that comes later starts with what happens from now on; one that is there already keeps its place.
void joinConsumer(Tx& tx, const std::string& consumer);
// Its place is given up: nothing waits for it any more. What only it was waited for leaves with the next ack.
void leaveConsumer(Tx& tx, const std::string& consumer);
// What the consumer has acknowledged; 0 when it is not registered.
std::int64_t ackedSeq(Tx& tx, const std::string& consumer);
bool isConsumer(Tx& tx, const std::string& consumer);
// The number of the newest event; 0 when there never was one.
std::int64_t newestSeq(Tx& tx);
// Moves the consumer forward (never back) and deletes what everyone has. NotFound when it is not registered.
void ack(Tx& tx, const std::string& consumer, std::int64_t seq);

// Tenants that ever had an event, for whoever delivers them.
std::vector<TenantId> tenantsWithEvents(SystemTx& tx);

struct Place {
    TenantId tenant;
    std::string consumer;
};
// The places of all consumers whose name starts like this.
std::vector<Place> placesOf(SystemTx& tx, const std::string& prefix);

}  // namespace portico::storage
