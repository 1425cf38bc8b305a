// SPDX-License-Identifier: Apache-2.0
// From the outbox to the links: which streams a changed record concerns. Functions inside the caller's transaction.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/storage/outbox.h"
#include "host/sync/links.h"
#include "host/sync/ports.h"

namespace portico::sync {

// The CRM's kinds of records by the manifest's name for them ("contact", "event").
using RecordsByName = std::map<std::string, const Records*>;

// Marks what the event changed as waiting in every stream of that record, except in the one it came from. Returns the
// streams that have something to push. `record_of` names the record of a stream's plugin ("" when it is not known).
std::vector<StreamState> touchedBy(storage::Tx& tx, const storage::StoredEvent& event, const RecordsByName& records,
                                   const std::vector<StreamState>& streams,
                                   const std::function<std::string(const StreamState&)>& record_of,
                                   std::int64_t now_ms);

}  // namespace portico::sync
