// SPDX-License-Identifier: Apache-2.0
// What a plugin is told when it draws: the args of ui-context.schema.json. Everything in it is about the person who
// looks: only links of their own connection, only records that they may see. Functions over a call; confined to its
// worker, outside transactions.
#pragma once

#include <string>

#include "host/api/call.h"
#include "host/manifest/manifest.h"

namespace portico::api {

// `connection` is the reader's; empty when they have none. NotFound when the record of the query is not the tenant's;
// Invalid when the point needs one and none is named.
Json panelContext(Call& call, const manifest::Manifest& manifest, const ConnectionId& connection,
                  const std::string& point);

}  // namespace portico::api
