// SPDX-License-Identifier: Apache-2.0
// The CRM's event record (a profile of JSCalendar, RFC 8984) as a Google event and back. Pure functions.
// A Google time comes with an offset and, apart from it, the zone the event was made in. The record wants local time in
// that zone, and a sandboxed plugin has no zone rules: so an event must have been asked for in its own zone
// (timeZone=...), which is what wantsZone() is for. Invariant: what the table does not know is never touched.
#pragma once

#include "plugins/google-common/api.h"

namespace portico::google {

// The zone this event must be asked for again in, when its times were given with offsets of the zone `shown` instead.
std::string wantsZone(const Json& event, const std::string& shown);

// `shown`: the zone of the offsets. With share, guests are participants.
Json toRecord(const Json& event, const std::string& shown, bool share);

// The members in which `record` differs from `event` ({} for one to be made), ready to insert or patch. Throws
// PluginError (Invalid) for a record without a usable start.
Json changedMembers(const Json& record, const Json& event, const std::string& shown, bool share);

// Event ids that this CRM made; no other id is ever asked for or given out.
bool isOurs(const std::string& id);

}  // namespace portico::google
