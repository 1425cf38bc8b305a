// SPDX-License-Identifier: Apache-2.0
// Ending connections so that nothing is left: streams, links and copies here, tokens in the vault, the grant at the
// provider. Used by one worker for one call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/api/call.h"
#include "host/credential/types.h"

namespace portico::api {

// What the request's "ifUnreachable" asks for; removeNow when it says nothing.
bool retryRevoking(const std::optional<std::string>& if_unreachable);
// What its "endFor" asks for, where other people use the account, too; only "me" when it says nothing.
bool forEveryone(const std::optional<std::string>& end_for);

// Returns the receipt as the API shows it. `concerned` are the connections that the request names, all of one user: the
// signed-in one's when the request names none. To an admin who erases a plugin the receipt names no account.
Json disconnect(Call& call, credential::DisconnectRequest request,
                const std::vector<credential::ConnectionInfo>& concerned);

}  // namespace portico::api
