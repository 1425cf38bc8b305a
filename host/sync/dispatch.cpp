// SPDX-License-Identifier: Apache-2.0
#include "host/sync/dispatch.h"

#include <algorithm>

namespace portico::sync {

std::vector<StreamState> touchedBy(storage::Tx& tx, const storage::StoredEvent& event, const RecordsByName& records,
                                   const std::vector<StreamState>& streams,
                                   const std::function<std::string(const StreamState&)>& record_of,
                                   std::int64_t now_ms) {
    const std::string& kind = event.event.subject_kind;
    const std::string& id = event.event.subject_id;
    std::vector<StreamState> touched;
    for (const StreamState& stream : streams) {
        const auto found = records.find(record_of(stream));
        if (found == records.end()) continue;
        const auto& kinds = found->second->kinds();
        if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) continue;
        if (event.via == "sync:" + stream.key.connection.str()) continue;
        // A record that is gone, or belongs to another account now, matters only where it was.
        const bool there = findLink(tx, stream.key, kind, id).has_value();
        if (!there && !found->second->load(tx, stream.user, kind, id)) continue;
        touchLink(tx, stream.key, stream.collection, kind, id, now_ms);
        touched.push_back(stream);
    }
    return touched;
}

}  // namespace portico::sync
