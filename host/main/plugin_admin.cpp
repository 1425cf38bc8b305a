// SPDX-License-Identifier: Apache-2.0
#include "host/main/plugin_admin.h"

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/vault.h"
#include "host/identity/tenants.h"
#include "host/plugin/event_feed.h"
#include "host/plugin/plugins.h"

namespace portico::app {
namespace {

struct Users {
    Json tenants = Json::array();
    std::int64_t connections = 0;
};

Users usersOf(const AdminParts& parts, const PluginId& id) {
    Users users;
    const auto [using_it, all] = parts.database.readSystem(
        "the operator asks who uses a plugin",
        [&](storage::SystemTx& tx) { return std::pair(plugin::tenantsUsing(tx, id), identity::allTenants(tx)); });
    for (const identity::Tenant& tenant : all) {
        if (std::find(using_it.begin(), using_it.end(), tenant.id) != using_it.end()) users.tenants.push(tenant.slug);
        for (const auto& connection : parts.vault.connections(tenant.id, UserId()))
            users.connections += connection.plugin == id ? 1 : 0;
    }
    return users;
}

}  // namespace

Json listPlugins(const AdminParts& parts) {
    Json list = Json::array();
    for (const plugin::PluginState& state : parts.plugins.list()) {
        Users users = usersOf(parts, state.manifest->id);
        list.push(Json::object({{"id", state.manifest->id.str()},
                                {"version", state.manifest->version},
                                {"name", state.manifest->name},
                                {"trust", manifest::trustName(state.manifest->trust.state)},
                                {"state", state.state},
                                {"problem", state.problem},
                                {"level", state.sandbox.level},
                                {"tenants", std::move(users.tenants)},
                                {"connections", users.connections}}));
    }
    return Json::object().set("plugins", std::move(list));
}

Json reloadPlugins(const AdminParts& parts) {
    parts.plugins.reload();
    parts.feed.refresh();
    log::info("plugins.reloaded");
    return listPlugins(parts);
}

}  // namespace portico::app
