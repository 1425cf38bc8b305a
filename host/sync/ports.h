// SPDX-License-Identifier: Apache-2.0
// What the engine needs from its two sides, as interfaces: the records of the CRM, and one connection of a connector
// plugin. Tests put an in-memory service behind Connector; the product puts a sandboxed plugin there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/plugin/exits.h"
#include "host/storage/database.h"

namespace portico::sync {

struct LocalRecord {
    std::string kind;  // contact, appointment, block-time, follow-up
    std::string id;
    std::int64_t version = 0;
    Json record;  // JSContact or JSCalendar profile
    crm::Provenance provenance = {};
};

// The CRM's records of one manifest kind ("contact", "event"). Every function works inside the caller's transaction, so
// that a record and its link change together. One instance serves all threads.
class Records {
public:
    virtual ~Records() = default;
    virtual const std::vector<std::string>& kinds() const = 0;
    // Nothing when the record is deleted, cancelled, or does not belong on that user's account.
    virtual std::optional<LocalRecord> load(storage::Tx& tx, const UserId& owner, const std::string& kind,
                                            const std::string& id) const = 0;
    // Everything that belongs on that user's account, for the first push.
    virtual std::vector<std::pair<std::string, std::string>> all(storage::Tx& tx, const UserId& owner) const = 0;
    // A local record that is evidently the same thing (so that a first sync makes no duplicates).
    virtual std::optional<LocalRecord> match(storage::Tx& tx, const UserId& owner, const Json& record) const = 0;
    // Makes a local record; nothing when records of this kind are not taken over from services.
    virtual std::optional<LocalRecord> create(storage::Tx& tx, const CallContext& ctx, const Json& record) const = 0;
    virtual LocalRecord update(storage::Tx& tx, const CallContext& ctx, const LocalRecord& now,
                               const Json& record) const = 0;
    // What of the record this reader may have, with what the service has (`there`, or null) in the places withheld; or
    // nothing, when what is left is no record any more. Leaving twice is leaving once.
    virtual std::optional<Json> leaving(storage::Tx& tx, const LocalRecord& local, plugin::Reader& reader,
                                        const Json& there) const = 0;
    // The service removed it. The text says in plain words what was done here about it.
    virtual std::string removedThere(storage::Tx& tx, const CallContext& ctx, const std::string& kind,
                                     const std::string& id) const = 0;
};

// One stream of one connection, seen through its plugin. Lines are the documents of portico.sync/1 (abi.h).
class Connector {
public:
    virtual ~Connector() = default;
    virtual std::vector<Json> collections() = 0;
    virtual void pull(const std::string& collection, const std::string& cursor,
                      const std::function<void(const Json& line)>& on_line) = 0;
    virtual std::vector<Json> prepare(const std::string& collection, const std::vector<Json>& intents) = 0;
    virtual std::vector<Json> push(const std::string& collection, const std::vector<Json>& changes) = 0;
    virtual std::vector<Json> read(const std::string& collection, const std::vector<Json>& refs) = 0;
};

}  // namespace portico::sync
