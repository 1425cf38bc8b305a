// SPDX-License-Identifier: Apache-2.0
#include "host/api/plugin_erase.h"

#include "host/api/disconnect.h"
#include "host/api/ports.h"
#include "host/credential/vault.h"

namespace portico::api {

Json erasePlugin(Call& call, const PluginId& id) {
    Json receipts = Json::array();
    std::int64_t connections = 0;
    for (const auto& connection : call.services.vault.connections(call.ctx.tenant, UserId())) {
        if (connection.plugin != id) continue;
        credential::DisconnectRequest request;
        request.user = connection.user;
        request.connection = connection.id;
        receipts.push(disconnect(call, request, {connection}));
        ++connections;
    }
    call.services.sync.pluginErased(call.ctx, id);
    const plugin::Erased erased = call.services.plugins.eraseData(call.ctx, id);
    return Json::object({{"stored", erased.stored},
                         {"settings", erased.settings},
                         {"connections", connections},
                         {"receipts", std::move(receipts)}});
}

}  // namespace portico::api
