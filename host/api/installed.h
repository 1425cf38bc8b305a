// SPDX-License-Identifier: Apache-2.0
// Looking up plugins and connections for a call, with the refusals that every resource shares. Functions over a call;
// confined to its worker, outside transactions.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "host/api/call.h"
#include "host/api/ports.h"
#include "host/credential/types.h"

namespace portico::api {

PluginView installedPlugin(Call& call, const std::string& id);  // NotFound
PluginView enabledPlugin(Call& call, const std::string& id);    // also Conflict "plugin_disabled"

// Names of all installed plugins by id; those that are gone show their id. And what their connections by password are
// for in this tenant.
class PluginNames {
public:
    PluginNames(PluginHost& plugins, const TenantId& tenant);
    explicit PluginNames(Call& call) : PluginNames(call.services.plugins, call.ctx.tenant) {}
    std::string of(const std::string& plugin) const;
    std::string server(const std::string& plugin, const std::string& connection) const;  // "" while none is chosen

private:
    std::map<std::string, std::string> names_;
    std::map<std::pair<std::string, std::string>, std::string> servers_;  // by plugin and connection
};

// Connected, and not being left: then it is used for nothing but that.
bool isUsable(Call& call, const credential::ConnectionInfo& connection);
// The signed-in user's usable connection of that plugin; Conflict "connection_needed" when there is none.
credential::ConnectionInfo ownConnection(Call& call, const std::string& plugin);

// Writes an event of this room's own: the change itself lies elsewhere (vault, plugin room).
void noteEvent(Call& call, const std::string& type, const std::string& kind, const std::string& id, Json data);

// A path of our own origin that a browser may be sent to; anything else is Invalid "invalid_body".
std::string checkedReturnPath(const std::string& path);

}  // namespace portico::api
