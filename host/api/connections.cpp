// SPDX-License-Identifier: Apache-2.0
#include "host/api/connect_password.h"
#include "host/api/connection_views.h"
#include "host/api/disconnect.h"
#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/return_state.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/credential/vault.h"

namespace portico::api {
namespace {

constexpr int kMostEntries = 2'000;

http::Response listConnections(Call& call) {
    const PluginNames names(call);
    Json items = Json::array();
    for (const auto& connection : call.services.vault.connections(call.ctx.tenant, call.user().id))
        items.push(connectionJson(connection, names).set("leaving", call.read([&](storage::Tx& tx) {
            return sync::isLeaving(tx, connection.id);
        })));
    return page(std::move(items), std::nullopt);
}

// A sealed vault says so itself, to whoever asks it for something.
http::Response googleReadiness(Call& call) {
    const auto status = call.services.vault.status();
    return http::Response::json(Json::object({{"ready", status.configured || status.sealed}}));
}

const manifest::Connection& wantedConnection(const manifest::Manifest& manifest, const Fields& fields) {
    const auto name = fields.optText("connection");
    if (name) {
        if (const auto* found = manifest.connection(*name)) return *found;
        refuseMember("/connection", "is not a connection of this plugin");
    }
    if (manifest.connections.size() == 1) return manifest.connections.front();
    refuseMember("/connection", "is needed: the plugin has not exactly one connection");
}

// The optional scopes to ask for: those of the chosen set, and those wished for that are in no set.
std::vector<std::string> wantedScopes(const PluginView& plugin, const manifest::Connection& connection,
                                      const Fields& fields) {
    std::vector<std::string> wanted = fields.optTexts("scopes").value_or(std::vector<std::string>{});
    const auto name = fields.optText("scopeSet");
    if (connection.scope_sets.empty()) {
        if (name) refuseMember("/scopeSet", "is not needed: this connection offers no choice");
        return wanted;
    }
    for (const manifest::ScopeSet& set : connection.scope_sets)
        for (const std::string& scope : set.scopes) std::erase(wanted, scope);
    const manifest::ScopeSet* set = manifest::chosenSet(connection, plugin.settings);
    if (set != nullptr && name) refuseMember("/scopeSet", "is an admin's choice, made in the plugin's settings");
    if (set == nullptr) set = name ? connection.scopeSet(*name) : &connection.scope_sets.front();
    if (set == nullptr) refuseMember("/scopeSet", "is not one of the connection's choices");
    wanted.insert(wanted.end(), set->scopes.begin(), set->scopes.end());
    return wanted;
}

// Who is to sign in: the account of the connection that would be made again, or of another plugin's.
void expectAccount(Call& call, credential::BeginRequest& request, const std::string& account) {
    for (const auto& connection : call.services.vault.connections(call.ctx.tenant, call.user().id)) {
        if (connection.account != account || connection.provider == "basic") continue;
        request.account_of = connection.id;
        if (connection.plugin == request.plugin) request.reconnect = connection.id;
    }
}

http::Response beginConnection(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body,
                        {"plugin", "connection", "scopes", "scopeSet", "loginHint", "anotherAccount", "returnTo"});
    const PluginView plugin = enabledPlugin(call, fields.text("plugin"));
    const auto login_hint = fields.optText("loginHint");
    ReturnState state;
    state.path = checkedReturnPath(fields.optText("returnTo").value_or("/connections"));
    credential::BeginRequest request;
    request.tenant = call.ctx.tenant;
    request.user = call.user().id;
    request.plugin = plugin.manifest->id;
    const manifest::Connection& connection = wantedConnection(*plugin.manifest, fields);
    request.connection_name = connection.name;
    const bool by_password = connection.kind == manifest::ConnectionKind::Basic;
    if (by_password) request.server = chosenServer(*plugin.manifest, connection, plugin.settings);
    request.session_binding = call.who().session.id;
    request.login_hint = login_hint.value_or("");
    request.scopes = wantedScopes(plugin, connection, fields);
    request.return_to = state.text();
    request.another_account = fields.optBoolean("anotherAccount").value_or(false);
    if (login_hint && !request.another_account) expectAccount(call, request, *login_hint);
    const auto begun = call.services.vault.begin(request);
    if (by_password) {
        const Json form = Json::object({{"form", begun.form}, {"server", request.server}});
        return http::Response::json(Json::object({{"authorizationUrl", nullptr}, {"password", form}}));
    }
    return http::Response::json(Json::object({{"authorizationUrl", begun.authorization_url}, {"password", nullptr}}));
}

credential::ConnectionInfo ownNamed(Call& call) {
    auto connection = call.services.vault.connection(call.ctx.tenant, ConnectionId(call.request.idVar("connectionId")));
    if (connection.user != call.user().id) throw Error(Code::NotFound, "not_found", "this connection does not exist");
    return connection;
}

http::Response disconnectOne(Call& call) {
    const auto connection = ownNamed(call);
    credential::DisconnectRequest request;
    request.connection = connection.id;
    request.retry_revoking = retryRevoking(call.given("ifUnreachable"));
    request.for_everyone = forEveryone(call.given("endFor"));
    return disconnect(call, request, {connection},
                      {removing("imported", call.given("imported")), removing("created", call.given("created"))});
}

http::Response disconnectGoogle(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"account", "ifUnreachable", "endFor", "imported", "created"});
    credential::DisconnectRequest request;
    request.account = fields.text("account");
    request.retry_revoking = retryRevoking(fields.optText("ifUnreachable"));
    request.for_everyone = forEveryone(fields.optText("endFor"));
    std::vector<credential::ConnectionInfo> concerned;
    for (const auto& connection : call.services.vault.connections(call.ctx.tenant, call.user().id))
        if (connection.account == request.account && connection.provider == "google") concerned.push_back(connection);
    if (concerned.empty()) throw Error(Code::NotFound, "not_found", "no connection of yours uses this account");
    return disconnect(
        call, request, concerned,
        {removing("imported", fields.optText("imported")), removing("created", fields.optText("created"))});
}

// What the user can decide about before disconnecting.
http::Response viewLeaving(Call& call) {
    const auto connection = ownNamed(call);
    Connections concerned{connection};
    if (call.flag("whole")) {
        concerned.clear();
        for (auto& each : call.services.vault.connections(call.ctx.tenant, call.user().id))
            if (each.account_id == connection.account_id) concerned.push_back(std::move(each));
    }
    const sync::Traces traces = tracesOf(call.services, call.ctx.tenant, concerned);
    return http::Response::json(
        Json::object({{"clientsImported", traces.imported},
                      {"clientsUsed", traces.used},
                      {"eventsCreated", traces.events},
                      {"contactsCreated", traces.contacts},
                      {"sharedHere", call.services.vault.isShared(call.ctx.tenant, connection.id)}}));
}

http::Response listLeavings(Call& call) {
    const PluginNames names(call);
    Json items = Json::array();
    for (const sync::Leaving& leaving : call.services.sync.leavings(call.ctx)) items.push(leavingJson(leaving, names));
    return page(std::move(items), std::nullopt);
}

http::Response leaveNow(Call& call) {
    call.services.sync.leaveNow(call.ctx, call.request.idVar("leavingId"));
    return http::Response::empty(202);
}

http::Response dropLeaving(Call& call) {
    call.services.sync.dropLeaving(call.ctx, call.request.idVar("leavingId"));
    return http::Response::empty();
}

// What the vault wrote down of the user's own connections.
template <class Entries, class ToJson>
http::Response traces(Call& call, const Entries& entries, const ToJson& json) {
    const ConnectionAccounts accounts(call);
    const PluginNames names(call);
    std::vector<Json> items;
    for (const auto& entry : entries) items.push_back(json(entry, accounts, names));
    return pageOf(call, std::move(items));
}

http::Response listUses(Call& call) {
    return traces(call, call.services.vault.uses(call.ctx.tenant, call.user().id, kMostEntries), useJson);
}

http::Response listUseGroups(Call& call) {
    return traces(call, call.services.vault.useGroups(call.ctx.tenant, call.user().id, kMostEntries), useGroupJson);
}

http::Response listLog(Call& call) {
    return traces(call, call.services.vault.log(call.ctx.tenant, call.user().id, kMostEntries), logJson);
}

}  // namespace

void addConnections(Routes& routes) {
    routes.get("/connections", listConnections);
    routes.get("/connections/google", googleReadiness);
    routes.post("/connections/begin", beginConnection);
    routes.post("/connections/password", connectPassword);
    routes.post("/connections/disconnect-google", disconnectGoogle);
    routes.get("/connections/uses", listUses);
    routes.get("/connections/uses-by-day", listUseGroups);
    routes.get("/connections/log", listLog);
    routes.get("/connections/leavings", listLeavings);
    routes.post("/connections/leavings/{leavingId}/finish", leaveNow);
    routes.del("/connections/leavings/{leavingId}", dropLeaving);
    routes.get("/connections/{connectionId}/leaving", viewLeaving);
    routes.del("/connections/{connectionId}", disconnectOne);
}

}  // namespace portico::api
