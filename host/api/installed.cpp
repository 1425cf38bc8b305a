// SPDX-License-Identifier: Apache-2.0
#include "host/api/installed.h"

#include <algorithm>

#include "host/api/fields.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/storage/outbox.h"

namespace portico::api {
namespace {

bool isWordCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

PluginView installedPlugin(Call& call, const std::string& id) {
    for (PluginView& plugin : call.services.plugins.list(call.ctx.tenant))
        if (plugin.manifest->id.str() == id) return std::move(plugin);
    throw Error(Code::NotFound, "not_found", "there is no plugin of this name");
}

PluginView enabledPlugin(Call& call, const std::string& id) {
    PluginView plugin = installedPlugin(call, id);
    if (!plugin.enabled) {
        throw Error(
            Code::Conflict, "plugin_disabled",
            "use the plugin " + plugin.manifest->name + ": it is not enabled here; an administrator can enable it");
    }
    return plugin;
}

PluginNames::PluginNames(PluginHost& plugins, const TenantId& tenant) {
    for (const PluginView& plugin : plugins.list(tenant)) {
        names_.emplace(plugin.manifest->id.str(), plugin.manifest->name);
        for (const manifest::Connection& connection : plugin.manifest->connections)
            if (connection.kind == manifest::ConnectionKind::Basic)
                servers_[{plugin.manifest->id.str(), connection.name}] =
                    manifest::serverOf(connection, plugin.settings);
    }
}

std::string PluginNames::server(const std::string& plugin, const std::string& connection) const {
    const auto known = servers_.find({plugin, connection});
    return known == servers_.end() ? "" : known->second;
}

std::string PluginNames::of(const std::string& plugin) const {
    const auto known = names_.find(plugin);
    return known == names_.end() ? plugin : known->second;
}

bool isUsable(Call& call, const credential::ConnectionInfo& connection) {
    return connection.state == "connected" &&
           !call.read([&](storage::Tx& tx) { return sync::isLeaving(tx, connection.id); });
}

credential::ConnectionInfo ownConnection(Call& call, const std::string& plugin) {
    for (credential::ConnectionInfo& connection : call.services.vault.connections(call.ctx.tenant, call.user().id))
        if (connection.plugin.str() == plugin && isUsable(call, connection)) return std::move(connection);
    throw Error(Code::Conflict, "connection_needed",
                "act in your name through " + plugin + ": connect your account on the page Connections first");
}

void noteEvent(Call& call, const std::string& type, const std::string& kind, const std::string& id, Json data) {
    call.write([&](storage::Tx& tx) { storage::appendEvent(tx, call.ctx, {type, kind, id, data}, call.now()); });
}

std::string checkedReturnPath(const std::string& path) {
    // "//host", "/\host" and everything that a browser reads as another origin begin with something else than a word.
    const bool ours =
        path == "/" || (path.size() >= 2 && path.size() <= 500 && path[0] == '/' && isWordCharacter(path[1]));
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
        return isWordCharacter(c) || std::string_view("/-_.~?=&%").find(c) != std::string_view::npos;
    });
    if (!ours || !plain) refuseMember("/returnTo", "is not a path of this site such as /connections");
    return path;
}

}  // namespace portico::api
