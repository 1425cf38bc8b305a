// SPDX-License-Identifier: Apache-2.0
// Connections by user name and password (manifest kind "basic"). Functions over a call; confined to its worker.
#pragma once

#include "host/api/call.h"
#include "host/credential/types.h"
#include "host/manifest/manifest.h"

namespace portico::api {

// The server that the tenant's administrator chose for that connection; Conflict "server_not_chosen" without one.
std::string chosenServer(const manifest::Manifest& manifest, const manifest::Connection& connection,
                         const Json& settings);

// POST /connections/password: takes the form that begin gave out, tries the password once through the plugin, and
// starts the sync. What does not work leaves no connection behind.
http::Response connectPassword(Call& call);

}  // namespace portico::api
