// SPDX-License-Identifier: Apache-2.0
#include "host/api/panels.h"

#include <algorithm>
#include <array>

#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/panel_context.h"
#include "host/api/resources.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/plugin/ui_tree.h"

namespace portico::api {
namespace {

// A panel is looked at by somebody who waits; what takes longer is said to have failed.
constexpr Millis kPanelTime{5'000};

constexpr std::array kPoints = {"client.panel/v1", "appointment.action/v1", "command/v1", "nav.page/v1",
                                "accounts.card/v1"};

void requireRole(Call& call, const manifest::Action& action) {
    if (action.role == "host")
        throw Error(Code::Denied, "role_needed", "use the action '" + action.title + "': Portico alone does that");
    if (action.role == "admin" && !call.isAdmin())
        throw Error(Code::Denied, "role_needed", "use the action '" + action.title + "': it needs the role admin");
}

// The signed-in user's connection: needed when the action says so, else theirs if they have one.
ConnectionId connectionFor(Call& call, const manifest::Manifest& manifest, const manifest::Action& action) {
    if (action.connection) return ownConnection(call, manifest.id.str()).id;
    for (const credential::ConnectionInfo& each : call.services.vault.connections(call.ctx.tenant, call.user().id))
        if (each.plugin == manifest.id && isUsable(call, each)) return each.id;
    return ConnectionId();
}

http::Response drawPanel(Call& call) {
    const PluginView plugin = enabledPlugin(call, call.request.var("pluginId"));
    const manifest::Manifest& manifest = *plugin.manifest;
    const std::string point = call.request.var("point") + "/" + call.request.var("version");
    const manifest::Contribution* contribution = isUiPoint(point) ? manifest.contribution(point) : nullptr;
    if (contribution == nullptr)
        throw Error(Code::NotFound, "not_found", "the plugin " + manifest.name + " adds nothing to " + point);
    const manifest::Action& action = *manifest.action(contribution->action);
    requireRole(call, action);
    const ConnectionId connection = connectionFor(call, manifest, action);
    const Json context = panelContext(call, manifest, connection, point);

    CallContext hurried = call.ctx;
    hurried.deadline = hurried.deadline.sooner(Deadline::in(kPanelTime));
    const Json tree = call.services.plugins.invoke(
        hurried, manifest.id, action.connection ? connection : ConnectionId(), action.name, context);
    return http::Response::json(Json::object({{"tree", plugin::checkedUiTree(tree, manifest, call.isAdmin())}}));
}

// "sync": streams that the action wants run now, for the person who asked.
void runStreams(Call& call, const manifest::Manifest& manifest, const ConnectionId& connection, const Json& result) {
    const Json* streams = result.isObject() ? result.find("sync") : nullptr;
    if (streams == nullptr || !streams->isArray() || connection.empty()) return;
    for (const manifest::Stream& stream : manifest.streams) {
        const bool wanted = std::any_of(streams->items().begin(), streams->items().end(),
                                        [&](const Json& name) { return name.isString() && name.str() == stream.name; });
        if (wanted) call.services.sync.runNow(call.ctx, manifest.id.str(), connection.str(), stream.name);
    }
}

http::Response useAction(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"args"});
    const Json& args = fields.object("args");
    const PluginView plugin = enabledPlugin(call, call.request.var("pluginId"));
    const manifest::Manifest& manifest = *plugin.manifest;
    const manifest::Action* action = manifest.action(call.request.var("actionName"));
    if (action == nullptr) throw Error(Code::NotFound, "not_found", "the plugin has no action of this name");
    requireRole(call, *action);
    const ConnectionId connection = connectionFor(call, manifest, *action);
    const auto note = [&](const std::string& outcome) {
        noteEvent(call, "plugin.action_used", "plugin", manifest.id.str(),
                  Json::object({{"plugin", manifest.name}, {"action", action->title}, {"outcome", outcome}}));
    };
    Json result;
    try {
        result = call.services.plugins.invoke(call.ctx, manifest.id, action->connection ? connection : ConnectionId(),
                                              action->name, args);
    } catch (const Error& error) {
        note(error.reason());
        throw;
    }
    note("ok");
    runStreams(call, manifest, connection, result);
    return http::Response::json(Json::object({{"result", result}}));
}

}  // namespace

bool isUiPoint(std::string_view point) { return std::find(kPoints.begin(), kPoints.end(), point) != kPoints.end(); }

void addPanels(Routes& routes) {
    routes.get("/plugins/{pluginId}/ui/{point}/{version}", drawPanel);
    routes.post("/plugins/{pluginId}/actions/{actionName}", useAction);
}

}  // namespace portico::api
