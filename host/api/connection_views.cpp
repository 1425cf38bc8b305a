// SPDX-License-Identifier: Apache-2.0
#include "host/api/connection_views.h"

#include "host/api/views.h"
#include "host/credential/vault.h"

namespace portico::api {
namespace {

// The vault tells its steps apart more finely than a user needs to.
std::string kindOf(const std::string& kind) {
    if (kind == "reconnected") return "connected";
    if (kind == "scopeChanged") return "scopesChanged";
    if (kind == "needsReconnect") return "refreshFailed";
    return kind == "revokeConfirmed" || kind == "revokeUnconfirmed" ? "revoked" : kind;
}

Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

ConnectionAccounts::ConnectionAccounts(Call& call) {
    for (const auto& connection : call.services.vault.connections(call.ctx.tenant, call.user().id))
        accounts_.emplace(connection.id, connection.account);
}

std::string ConnectionAccounts::of(const ConnectionId& connection) const {
    const auto known = accounts_.find(connection);
    return known == accounts_.end() ? "" : known->second;
}

Json connectionJson(const credential::ConnectionInfo& connection, const PluginNames& names) {
    Json scopes = Json::array();
    for (const auto& scope : connection.scopes) {
        scopes.push(Json::object({{"scope", scope.scope},
                                  {"reason", scope.reason},
                                  {"optional", scope.optional},
                                  {"requested", scope.requested},
                                  {"granted", scope.granted},
                                  {"lastUsedAt", instantJson(scope.last_used_at)}}));
    }
    // Seen from here alone, so that choosing the old server again is the undo: the password is still bound to it.
    const std::string chosen = names.server(connection.plugin.str(), connection.connection_name);
    const bool moved = !connection.server.empty() && connection.server != chosen;
    const std::string problem =
        !moved ? connection.problem
               : "This password is for " + connection.server + ". " +
                     (chosen.empty() ? "Your administrator chose no server any more."
                                     : "Your administrator chose " + chosen + " now: connect again with its password.");
    return Json::object({{"id", connection.id.str()},
                         {"kind", connection.server.empty() ? "oauth2" : "basic"},
                         {"plugin", connection.plugin.str()},
                         {"pluginName", names.of(connection.plugin.str())},
                         {"account", connection.account},
                         {"server", textOrNull(connection.server)},
                         {"state", moved ? "needsReconnect" : connection.state},
                         {"scopes", std::move(scopes)},
                         {"connectedAt", formatInstant(connection.connected_at)},
                         {"lastUsedAt", instantJson(connection.last_used_at)},
                         {"problem", textOrNull(problem)},
                         {"leaving", false}});
}

Json useJson(const credential::Use& use, const ConnectionAccounts& accounts, const PluginNames& names) {
    return Json::object({{"id", use.id},
                         {"at", formatInstant(use.at)},
                         {"plugin", use.plugin.str()},
                         {"pluginName", names.of(use.plugin.str())},
                         {"connectionId", use.connection.str()},
                         {"account", accounts.of(use.connection)},
                         {"method", use.method},
                         {"host", use.host},
                         {"path", use.path},
                         {"status", use.status},
                         {"refusal", textOrNull(use.refusal)},
                         {"trace", use.trace}});
}

Json useGroupJson(const credential::UseGroup& group, const ConnectionAccounts& accounts, const PluginNames& names) {
    return Json::object({{"id", group.id},
                         {"plugin", group.plugin.str()},
                         {"pluginName", names.of(group.plugin.str())},
                         {"account", accounts.of(group.connection)},
                         {"method", group.method},
                         {"host", group.host},
                         {"path", group.path},
                         {"firstAt", formatInstant(group.first_at)},
                         {"lastAt", formatInstant(group.last_at)},
                         {"count", group.count},
                         {"failed", group.failed}});
}

Json logJson(const credential::LogEntry& entry, const ConnectionAccounts& accounts, const PluginNames& names) {
    return Json::object({{"id", entry.id},
                         {"at", formatInstant(entry.at)},
                         {"kind", kindOf(entry.kind)},
                         {"plugin", entry.plugin.str()},
                         {"pluginName", names.of(entry.plugin.str())},
                         {"account", accounts.of(entry.connection)},
                         {"detail", textOrNull(entry.detail)}});
}

}  // namespace portico::api
