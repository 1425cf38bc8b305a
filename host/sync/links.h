// SPDX-License-Identifier: Apache-2.0
// The mapping: which remote object a local record is, what both sides looked like at the last common moment, and which
// write is on its way. Functions over a transaction; thread contract and atomicity are the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/ids.h"
#include "host/base/json.h"
#include "host/storage/database.h"

namespace portico::sync {

// One connection's stream: the unit that is pushed, pulled and shown.
struct StreamKey {
    ConnectionId connection;
    std::string stream;
};

// The reason_code of a record that stays here (state "local") because all of it is withheld from the plugin.
constexpr const char* kWithheld = "withheld";

struct Link {
    std::string local_kind;
    std::string local_id;
    std::string collection;
    std::string remote_ref;  // empty until the object exists there
    std::string remote_version;
    std::string token;
    std::string intent;  // "create", "update", "delete": sent and not yet settled; else empty
    std::int64_t local_version = 0;
    Json base_local;  // null before the first common moment
    Json base_remote;
    Json remote_now;  // set in a conflict
    std::string state = "waiting";
    std::string reason_code;
    std::string reason;
    std::int64_t seen_run = 0;
};

std::optional<Link> findLink(storage::Tx& tx, const StreamKey& key, const std::string& kind, const std::string& id);
std::optional<Link> findByRef(storage::Tx& tx, const StreamKey& key, const std::string& collection,
                              const std::string& ref);
std::optional<Link> findByToken(storage::Tx& tx, const StreamKey& key, const std::string& token);
// In id order, strictly after `after`.
std::vector<Link> waitingLinks(storage::Tx& tx, const StreamKey& key, const std::string& collection,
                               const std::string& after, int limit);
// Linked objects that the full pull `run` did not list, in chunks.
std::vector<Link> unseenLinks(storage::Tx& tx, const StreamKey& key, const std::string& collection, std::int64_t run,
                              int limit);

void saveLink(storage::Tx& tx, const StreamKey& key, const Link& link, std::int64_t now_ms);
void removeLink(storage::Tx& tx, const StreamKey& key, const std::string& kind, const std::string& id);
// Marks a record as changed here: the link appears if it is new, and waits for the next push. A conflict stays one.
void touchLink(storage::Tx& tx, const StreamKey& key, const std::string& collection, const std::string& kind,
               const std::string& id, std::int64_t now_ms);
void removeConnection(storage::Tx& tx, const ConnectionId& connection);

struct StreamState {
    StreamKey key;
    std::string plugin, collection, cursor;
    UserId user;
    std::int64_t pull_run = 0;
    std::optional<std::int64_t> last_pull_at, last_push_at;
    std::string problem_code, problem;
};

std::vector<StreamState> streams(storage::Tx& tx);
std::optional<StreamState> findStream(storage::Tx& tx, const StreamKey& key, const std::string& collection);
// Whether its owner is leaving: then it is used for nothing but that (leaving.h).
bool isLeaving(storage::Tx& tx, const ConnectionId& connection);
// f(tx) in a write, but only while the stream is there: a run that goes on while its connection is removed must bring
// nothing back. Throws Cancelled "stream_gone".
template <class F>
auto writeStream(storage::Database& database, const TenantId& tenant, const StreamState& stream, F&& f) {
    return database.write(tenant, [&](storage::Tx& tx) {
        if (!findStream(tx, stream.key, stream.collection) || isLeaving(tx, stream.key.connection))
            throw Error(Code::Cancelled, "stream_gone", "synchronise: the connection was removed meanwhile");
        return f(tx);
    });
}
void saveStream(storage::Tx& tx, const StreamState& state);

// What the API shows: per stream the number of links in each state, and per record its states.
struct Counts {
    std::int64_t synced = 0, waiting = 0, failed = 0, conflict = 0;
};
Counts countLinks(storage::Tx& tx, const StreamKey& key);
struct RecordState {
    std::string plugin, state, reason_code, reason;
    ConnectionId connection;
    std::int64_t at = 0;
};
// What a record is on one connection, per stream: for what a plugin shows about it.
std::vector<std::pair<std::string, Link>> recordLinks(storage::Tx& tx, const ConnectionId& connection,
                                                      const std::string& kind, const std::string& id);
std::vector<RecordState> recordStates(storage::Tx& tx, const std::string& kind, const std::string& id);
struct Conflict {
    StreamKey key;
    Link link;
};
std::vector<Conflict> conflicts(storage::Tx& tx, int limit);

}  // namespace portico::sync
