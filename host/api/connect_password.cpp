// SPDX-License-Identifier: Apache-2.0
#include "host/api/connect_password.h"

#include <algorithm>

#include "host/api/connection_views.h"
#include "host/api/disconnect.h"
#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/vault.h"

namespace portico::api {
namespace {

constexpr std::size_t kMaxPassword = 1024;

Connections mine(Call& call) { return call.services.vault.connections(call.ctx.tenant, call.user().id); }

// The plugin's first request: only it knows what to ask this kind of server.
void tryOut(Call& call, const credential::ConnectionInfo& connection) {
    const PluginView plugin = enabledPlugin(call, connection.plugin.str());
    for (const manifest::Stream& stream : plugin.manifest->streams) {
        if (stream.connection != connection.connection_name) continue;
        call.services.plugins.collections(call.ctx, connection.plugin, connection.id, stream.name);
        return;
    }
}

// A connection that never worked is not kept: nothing belongs to it yet.
[[noreturn]] void giveUp(Call& call, const credential::ConnectionInfo& connection, bool known_before,
                         const Error& error) {
    const auto now = call.services.vault.connection(call.ctx.tenant, connection.id);
    if (!known_before) {
        credential::DisconnectRequest request;
        request.tenant = call.ctx.tenant;
        request.user = call.user().id;
        request.connection = connection.id;
        call.services.vault.disconnect(request);
    }
    log::info("password_connection_failed", {{"trace", call.ctx.trace}, {"reason", error.reason()}});
    if (now.state != "connected")
        throw Error(Code::Invalid, "password_refused",
                    connection.server + " does not accept this user name and password. Please check both");
    throw Error(error.code() == Code::Deadline ? Code::Deadline : Code::Unavailable, "server_unusable",
                connection.server + " could not be used: " + error.what(), error.retryAfterMs());
}

// The administrator chose another server since, and this one's owner has just followed: the old password has no use.
void dropOtherServers(Call& call, const credential::ConnectionInfo& connection, const Connections& before) {
    for (const auto& old : before) {
        if (old.plugin != connection.plugin || old.connection_name != connection.connection_name ||
            old.server.empty() || old.server == connection.server)
            continue;
        credential::DisconnectRequest request;
        request.connection = old.id;
        disconnect(call, request, {old});
    }
}

}  // namespace

std::string chosenServer(const manifest::Manifest& manifest, const manifest::Connection& connection,
                         const Json& settings) {
    std::string server = manifest::serverOf(connection, settings);
    if (server.empty())
        throw Error(Code::Conflict, "server_not_chosen",
                    "connect " + manifest.name +
                        ": no server has been chosen yet; an administrator does that in the plugin's settings");
    return server;
}

http::Response connectPassword(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"form", "userName", "password"});
    std::string given = fields.text("password", kMaxPassword);
    const SecretBytes password = SecretBytes::take(given);
    const credential::PasswordRequest request{fields.text("form"), fields.text("userName"), call.who().session.id};
    const Connections before = mine(call);
    const auto made = call.services.vault.connectPassword(request, password);
    const auto connection = call.services.vault.connection(call.ctx.tenant, made.connection);
    try {
        tryOut(call, connection);
    } catch (...) {
        const bool known =
            std::any_of(before.begin(), before.end(), [&](const auto& old) { return old.id == connection.id; });
        giveUp(call, connection, known, currentError());
    }
    dropOtherServers(call, connection, before);
    noteEvent(call, "connection.connected", "connection", connection.id.str(),
              Json::object({{"plugin", connection.plugin.str()}, {"server", connection.server}}));
    call.services.sync.connected(call.ctx, connection.id, connection.plugin);
    const auto now = call.services.vault.connection(call.ctx.tenant, connection.id);
    return http::Response::json(connectionJson(now, PluginNames(call)));
}

}  // namespace portico::api
