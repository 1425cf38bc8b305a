// SPDX-License-Identifier: Apache-2.0
// Connections and their records as the API shows them. Immutable values made for one call.
#pragma once

#include <map>
#include <string>

#include "host/api/installed.h"
#include "host/base/json.h"
#include "host/credential/types.h"

namespace portico::api {

// Accounts by connection id; "" for a connection that is gone, because nothing of it is kept.
class ConnectionAccounts {
public:
    explicit ConnectionAccounts(Call& call);
    std::string of(const ConnectionId& connection) const;

private:
    std::map<ConnectionId, std::string> accounts_;
};

Json connectionJson(const credential::ConnectionInfo& connection, const PluginNames& names);
// All with an `id`, by which pages continue.
Json useJson(const credential::Use& use, const ConnectionAccounts& accounts, const PluginNames& names);
Json useGroupJson(const credential::UseGroup& group, const ConnectionAccounts& accounts, const PluginNames& names);
Json logJson(const credential::LogEntry& entry, const ConnectionAccounts& accounts, const PluginNames& names);

}  // namespace portico::api
