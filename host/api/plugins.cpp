// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/manifest/url.h"

namespace portico::api {
namespace {

Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json textsJson(const std::vector<std::string>& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) list.push(text);
    return list;
}

const char* kindName(manifest::ConnectionKind kind) {
    switch (kind) {
        case manifest::ConnectionKind::OAuth2: return "oauth2";
        case manifest::ConnectionKind::Basic: return "basic";
        case manifest::ConnectionKind::None: return "none";
    }
    return "none";
}

Json askedConnection(const manifest::Connection& connection, const Json& settings) {
    Json scopes = Json::array();
    for (const manifest::Scope& scope : connection.scopes)
        scopes.push(Json::object({{"scope", scope.scope}, {"reason", scope.reason}, {"optional", scope.optional}}));
    std::set<std::string> hosts;
    const std::string server = manifest::serverOf(connection, settings);
    for (const manifest::Rule& rule : connection.rules)
        if (connection.server_setting.empty()) hosts.insert(rule.host);
    if (!server.empty()) hosts.insert(server);
    return Json::object({{"name", connection.name},
                         {"kind", kindName(connection.kind)},
                         {"provider", connection.provider},
                         {"reason", connection.reason},
                         {"scopes", std::move(scopes)},
                         {"hosts", textsJson({hosts.begin(), hosts.end()})},
                         {"server", textOrNull(server)},
                         {"serverIsChosenHere", !connection.server_setting.empty()},
                         {"picker", connection.picker}});
}

Json asksJson(const manifest::Manifest& manifest, const Json& settings) {
    Json connections = Json::array();
    for (const auto& connection : manifest.connections) connections.push(askedConnection(connection, settings));
    Json records = Json::array();
    for (const auto& record : manifest.records) {
        std::vector<std::string> access;
        if (record.read) access.emplace_back("read");
        if (record.write) access.emplace_back("write");
        records.push(Json::object({{"kind", record.kind}, {"access", textsJson(access)}, {"reason", record.reason}}));
    }
    Json actions = Json::array();
    for (const auto& action : manifest.actions)
        actions.push(Json::object({{"name", action.name}, {"title", action.title}, {"role", action.role}}));
    return Json::object({{"connections", std::move(connections)},
                         {"records", std::move(records)},
                         {"events", textsJson(manifest.events)},
                         {"actions", std::move(actions)}});
}

bool hasSettings(const manifest::Manifest& manifest) {
    return manifest.settings.isObject() && !manifest.settings.members().empty();
}

Json pluginJson(const PluginView& plugin) {
    const manifest::Manifest& manifest = *plugin.manifest;
    Json settings;
    if (hasSettings(manifest)) settings = Json::object({{"schema", manifest.settings}, {"values", plugin.settings}});
    const Json sandbox = Json::object({{"level", plugin.sandbox_level ? Json(*plugin.sandbox_level) : Json(nullptr)},
                                       {"min", plugin.sandbox_minimum},
                                       {"missing", textsJson(plugin.sandbox_missing)}});
    return Json::object({{"id", manifest.id.str()},
                         {"name", manifest.name.empty() ? manifest.id.str() : manifest.name},  // unreadable: its folder
                         {"version", manifest.version},
                         {"description", manifest.description},
                         {"vendor", manifest.vendor},
                         {"trust", manifest::trustName(manifest.trust.state)},
                         {"signedBy", textOrNull(manifest.trust.signed_by)},
                         {"enabled", plugin.enabled},
                         {"canDisable", !manifest.builtin_required},
                         {"state", plugin.state},
                         {"problem", textOrNull(plugin.problem)},
                         {"asks", asksJson(manifest, plugin.settings)},
                         {"settings", std::move(settings)},
                         {"sandbox", sandbox}});
}

http::Response answer(Call& call, const std::string& id) {
    return http::Response::json(pluginJson(installedPlugin(call, id)));
}

http::Response listPlugins(Call& call) {
    Json items = Json::array();
    for (const PluginView& plugin : call.services.plugins.list(call.ctx.tenant)) items.push(pluginJson(plugin));
    return page(std::move(items), std::nullopt);
}

http::Response setEnabled(Call& call, bool enabled) {
    const PluginView plugin = installedPlugin(call, call.request.var("pluginId"));
    const PluginId& id = plugin.manifest->id;
    if (!enabled && plugin.manifest->builtin_required)
        throw Error(Code::Conflict, "builtin_required",
                    "disable the plugin " + plugin.manifest->name + ": Portico needs it");
    if (enabled && !plugin.manifest->trust.may_run)
        throw Error(Code::Denied, "plugin_refused",
                    "enable the plugin " + plugin.manifest->name + ": " + plugin.problem);
    // Also when it is enabled already: an update may ask for more, and this is the consent to it.
    call.services.plugins.setEnabled(call.ctx, id, enabled);
    return answer(call, id.str());
}

// The administrator hears at once, rather than each user later, that the operator would have to allow a server first.
void checkServers(Call& call, const manifest::Manifest& manifest, const Json& values) {
    for (const manifest::Connection& connection : manifest.connections) {
        const Json* server = connection.server_setting.empty() ? nullptr : values.find(connection.server_setting);
        if (server == nullptr || !server->isString() || !manifest::isServer(server->str())) continue;
        try {
            call.services.vault.checkServer(server->str());
        } catch (const Error& error) {
            if (error.reason() != "server_not_allowed") throw;
            const Json fault =
                Json::object({{"path", "/values/" + connection.server_setting}, {"message", error.what()}});
            throw Error(Code::Invalid, "invalid_settings", error.what())
                .withDetails(Json::object({{"errors", Json::array({fault})}}).dump());
        }
    }
}

http::Response replaceSettings(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"values"});
    const PluginView plugin = installedPlugin(call, call.request.var("pluginId"));
    if (!hasSettings(*plugin.manifest))
        throw Error(Code::Conflict, "no_settings",
                    "change settings: the plugin " + plugin.manifest->name + " has none");
    const Json& values = fields.object("values");
    checkServers(call, *plugin.manifest, values);
    try {
        call.services.plugins.putSettings(call.ctx, plugin.manifest->id, values);
    } catch (const Error& error) {
        if (error.code() != Code::Invalid) throw;
        const Json fault = Json::object({{"path", "/values"}, {"message", error.what()}});
        throw Error(Code::Invalid, "invalid_settings", error.what())
            .withDetails(Json::object({{"errors", Json::array({fault})}}).dump());
    }
    return answer(call, plugin.manifest->id.str());
}

http::Response invokeAction(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"args"});
    const Json& args = fields.object("args");
    const PluginView plugin = enabledPlugin(call, call.request.var("pluginId"));
    const manifest::Action* action = plugin.manifest->action(call.request.var("actionName"));
    if (action == nullptr) throw Error(Code::NotFound, "not_found", "the plugin has no action of this name");
    if (action->role == "admin" && !call.isAdmin())
        throw Error(Code::Denied, "role_needed", "use the action '" + action->title + "': it needs the role admin");
    const ConnectionId connection =
        action->connection ? ownConnection(call, plugin.manifest->id.str()).id : ConnectionId();
    const Json result = call.services.plugins.invoke(call.ctx, plugin.manifest->id, connection, action->name, args);
    return http::Response::json(Json::object({{"result", result}}));
}

}  // namespace

void addPlugins(Routes& routes) {
    routes.get("/plugins", listPlugins);
    routes.get("/plugins/{pluginId}", [](Call& call) { return answer(call, call.request.var("pluginId")); });
    routes.post(
        "/plugins/{pluginId}/enable", [](Call& call) { return setEnabled(call, true); }, Access::Admin);
    routes.post(
        "/plugins/{pluginId}/disable", [](Call& call) { return setEnabled(call, false); }, Access::Admin);
    routes.put("/plugins/{pluginId}/settings", replaceSettings, Access::Admin);
    routes.post("/plugins/{pluginId}/actions/{actionName}", invokeAction);
}

}  // namespace portico::api
