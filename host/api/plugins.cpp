// SPDX-License-Identifier: Apache-2.0
#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/plugin_erase.h"
#include "host/api/plugin_views.h"
#include "host/api/privacy_versions.h"
#include "host/api/resources.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/manifest/url.h"

namespace portico::api {
namespace {

Json answerJson(Call& call, const std::string& id) {
    const PluginView plugin = installedPlugin(call, id);
    Json answer = pluginJson(plugin);
    if (call.isAdmin()) answer.set("people", peopleJson(call, *plugin.manifest));
    return answer;
}

http::Response answer(Call& call, const std::string& id) { return http::Response::json(answerJson(call, id)); }

http::Response listPlugins(Call& call) {
    Json items = Json::array();
    for (const PluginView& plugin : call.services.plugins.list(call.ctx.tenant)) items.push(pluginJson(plugin));
    return page(std::move(items), std::nullopt);
}

http::Response enable(Call& call) {
    const PluginView plugin = installedPlugin(call, call.request.var("pluginId"));
    // Refused is what no admin can change: the signature, the ABI, the operator's list.
    if (!plugin.manifest->trust.may_run || plugin.state == "refused")
        throw Error(Code::Denied, "plugin_refused",
                    "enable the plugin " + plugin.manifest->name + ": " + plugin.problem);
    // Also when it is enabled already: an update may ask for more, and this is the consent to it.
    call.services.plugins.setEnabled(call.ctx, plugin.manifest->id, true);
    call.services.sync.pluginEnabled(call.ctx, plugin.manifest->id);
    currentPolicy(call.services, call.ctx.tenant);
    return answer(call, plugin.manifest->id.str());
}

http::Response disable(Call& call) {
    const Json body = call.request.body.empty() ? Json::object() : call.request.json();
    const bool erase = Fields(body, {"data"}).optChoice("data", {"keep", "erase"}).value_or("keep") == "erase";
    const PluginView plugin = installedPlugin(call, call.request.var("pluginId"));
    const PluginId& id = plugin.manifest->id;
    if (plugin.manifest->builtin_required)
        throw Error(Code::Conflict, "builtin_required",
                    "disable the plugin " + plugin.manifest->name + ": Portico needs it");
    call.services.sync.pluginDisabling(call.ctx, id);
    call.services.plugins.setEnabled(call.ctx, id, false);
    currentPolicy(call.services, call.ctx.tenant);
    if (!erase) return answer(call, id.str());
    const Json erased = erasePlugin(call, id);
    return http::Response::json(answerJson(call, id.str()).set("erased", erased));
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
    currentPolicy(call.services, call.ctx.tenant);
    return answer(call, plugin.manifest->id.str());
}

}  // namespace

void addPlugins(Routes& routes) {
    routes.get("/plugins", listPlugins);
    routes.get("/plugins/{pluginId}", [](Call& call) { return answer(call, call.request.var("pluginId")); });
    routes.post("/plugins/{pluginId}/enable", enable, Access::Admin);
    routes.post("/plugins/{pluginId}/disable", disable, Access::Admin);
    routes.put("/plugins/{pluginId}/settings", replaceSettings, Access::Admin);
}

}  // namespace portico::api
