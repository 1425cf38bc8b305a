// SPDX-License-Identifier: Apache-2.0
// What plugins ask to be given of other plugins' data, and what the signed-in person allows of that which came from
// their own accounts (host/plugin/exits.h).
#include <algorithm>

#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/plugin/exits.h"

namespace portico::api {
namespace {

// Everything that is asked for now, to the same destination.
bool covers(const plugin::Sharing& allowed, const manifest::Provenance& asked) {
    return allowed.destination == asked.destination &&
           std::all_of(asked.fields.begin(), asked.fields.end(), [&](const std::string& field) {
               return std::find(allowed.fields.begin(), allowed.fields.end(), field) != allowed.fields.end();
           });
}

Json sharingJson(storage::Tx& tx, const UserId& user, const manifest::Manifest& manifest,
                 const manifest::Provenance& asked) {
    const auto allowed = plugin::sharing(tx, user, manifest.id, asked.permission);
    Json fields = Json::array();
    for (const std::string& field : asked.fields) fields.push(field);
    return Json::object({{"plugin", manifest.id.str()},
                         {"pluginName", manifest.name},
                         {"permission", asked.permission},
                         {"provider", manifest::providerOf(asked.permission)},
                         {"fields", std::move(fields)},
                         {"reason", asked.reason},
                         {"destination", asked.destination},
                         {"allowed", allowed && covers(*allowed, asked)},
                         {"allowedAt", allowed ? Json(formatInstant(allowed->at)) : Json(nullptr)}});
}

Json listOf(Call& call) {
    const auto plugins = call.services.plugins.list(call.ctx.tenant);
    return call.read([&](storage::Tx& tx) {
        Json items = Json::array();
        for (const PluginView& plugin : plugins)
            for (const manifest::Provenance& asked : plugin.manifest->provenance)
                if (plugin.enabled) items.push(sharingJson(tx, call.user().id, *plugin.manifest, asked));
        return items;
    });
}

// Withdrawing works for a plugin that is switched off, too.
http::Response setSharing(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"permission", "allowed"});
    const std::string permission = fields.text("permission");
    const bool allowed = fields.boolean("allowed");
    const std::string& id = call.request.var("pluginId");
    const PluginView plugin = allowed ? enabledPlugin(call, id) : installedPlugin(call, id);
    const auto& asked = plugin.manifest->provenance;
    const auto found = std::find_if(asked.begin(), asked.end(),
                                    [&](const manifest::Provenance& each) { return each.permission == permission; });
    if (found == asked.end()) refuseMember("/permission", "is nothing that this plugin asks for");
    call.write(
        [&](storage::Tx& tx) { plugin::setSharing(tx, call.ctx, plugin.manifest->id, *found, allowed, call.now()); });
    if (allowed) call.services.sync.sharingChanged(call.ctx, plugin.manifest->id);
    return page(listOf(call), std::nullopt);
}

}  // namespace

void addSharing(Routes& routes) {
    routes.get("/connections/sharing", [](Call& call) { return page(listOf(call), std::nullopt); });
    routes.put("/connections/sharing/{pluginId}", setSharing);
}

}  // namespace portico::api
