// SPDX-License-Identifier: Apache-2.0
// Ending connections so that nothing is left: streams, links and copies here, tokens in the vault, the grant at the
// provider; and what the user may choose about what a connection brought. Used by one worker for one call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/api/installed.h"
#include "host/credential/types.h"
#include "host/sync/departures.h"

namespace portico::api {

// What the request's "ifUnreachable" asks for; removeNow when it says nothing.
bool retryRevoking(const std::optional<std::string>& if_unreachable);
// What its "endFor" asks for, where other people use the account, too; only "me" when it says nothing.
bool forEveryone(const std::optional<std::string>& end_for);
// What its "imported" or "created" asks for; keep when it says nothing.
bool removing(const std::string& what, const std::optional<std::string>& choice);

struct LeaveChoice {
    bool remove_imported = false;  // clients here that came from the account and were never used
    bool remove_created = false;   // events and contacts that were created in the account
};

using Connections = std::vector<credential::ConnectionInfo>;

// What the connections brought together, as the API shows it.
sync::Traces tracesOf(Services& services, const TenantId& tenant, const Connections& connections);

// Returns the receipt as the API shows it. `concerned` are the connections that the request names, all of one user: the
// signed-in one's when the request names none. To an admin who erases a plugin the receipt names no account. What the
// connections brought together stays.
Json disconnect(Call& call, credential::DisconnectRequest request, const Connections& concerned);

// The same with a choice: when something is to be removed first it is begun, and the answer is 202 with how far it is.
http::Response disconnect(Call& call, credential::DisconnectRequest request, const Connections& concerned,
                          LeaveChoice choice);

// For the job that removes: ends the connections as disconnect() would have.
sync::Departures::Ending endingOf(Services& services);

Json leavingJson(const sync::Leaving& leaving, const PluginNames& names);

}  // namespace portico::api
