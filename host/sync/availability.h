// SPDX-License-Identifier: Apache-2.0
// Busy times of the connected calendars, brought to where the double-booking guard looks. Only spans are kept, never
// what they are; a calendar that could not be asked keeps its last known spans with their age. Thread-safe function.
#pragma once

#include "host/base/call_context.h"
#include "host/plugin/plugins.h"
#include "host/storage/database.h"
#include "host/sync/links.h"

namespace portico::sync {

std::string busySource(const StreamState& stream);
void refreshBusy(storage::Database& database, plugin::Plugins& plugins, const plugin::CallScope& scope,
                 const StreamState& stream, Instant now);

}  // namespace portico::sync
