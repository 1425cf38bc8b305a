// SPDX-License-Identifier: Apache-2.0
// The operator's guided page for setting up Google: its state for the page and the command line. Thread-safe.
#pragma once

#include "host/api/services.h"
#include "host/base/json.h"

namespace portico::api {

// `ask`: Google is asked whether it knows our client, which takes as long as a request does.
Json googleSetup(Services& services, bool ask);

// One-use address of the page, for whoever may type commands on the server. The token is in the fragment, which
// browsers never send: it stands in no log.
std::string googleSetupLink(Services& services);

}  // namespace portico::api
