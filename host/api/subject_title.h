// SPDX-License-Identifier: Apache-2.0
// What a record is called, for lists that speak of records of every kind (the audit page). Works inside the caller's
// transaction.
#pragma once

#include <string>

#include "host/api/call.h"
#include "host/api/installed.h"
#include "host/api/views.h"
#include "host/base/json.h"

namespace portico::api {

// The name of the thing an event is about; "" when it is gone or has none. `data` is the event's own.
// `plugins` is made before the transaction: it reads by itself.
std::string subjectTitle(Call& call, storage::Tx& tx, Names& names, const PluginNames& plugins, const std::string& kind,
                         const std::string& id, const Json& data);

}  // namespace portico::api
