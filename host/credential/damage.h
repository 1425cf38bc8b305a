// SPDX-License-Identifier: Apache-2.0
// Sealed records that do not open any more: a disk or a hand changed them. Their connection asks its owner for a new
// consent, the others go on; the row stays until then, for whoever looks into it. Thread-safe.
#pragma once

#include "host/credential/grants.h"

namespace portico::credential {

inline constexpr const char* kDamaged =
    "the stored permission is damaged: connect again. Nothing else is lost, and what waits is sent then";

// The grant's token or password, for a request. When it does not open, or is an older copy's, the connection is marked
// and this throws Denied "reconnect".
SecretBytes openForUse(storage::Database& database, Grants& grants, const ConnectionRow& row, const GrantRow& grant,
                       const Clock& clock);

// Connections that wait for their owners because of damage.
std::int64_t countDamaged(storage::Database& database);

}  // namespace portico::credential
