// SPDX-License-Identifier: Apache-2.0
#include "host/api/disconnect.h"

#include <algorithm>

#include "host/api/drive_copy.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/crm/occupancy.h"
#include "host/storage/outbox.h"

namespace portico::api {
namespace {

constexpr int kContactsAtOnce = 100;

// Before the vault, because it can be repeated when it fails; nobody could ask for it once the connection is gone.
void forgetHere(Services& services, const CallContext& ctx, const credential::ConnectionInfo& connection) {
    services.sync.disconnected(ctx, connection.id);
    services.database.write(ctx.tenant, [&](storage::Tx& tx) {
        crm::forgetExternalBusy(ctx, tx, connection.plugin.str() + ":" + connection.id.str());
        forgetDriveCopies(ctx, tx, services.clock.now(), connection.id);
    });
}

// What stays and what went, for the receipt.
struct Left {
    std::int64_t clients_kept = 0, clients_removed = 0, created_kept = 0, created_removed = 0;
};

Json receiptJson(const credential::Receipt& receipt, const std::string& account, const PluginNames& names,
                 const Left& left) {
    Json removed = Json::array();
    for (const auto& connection : receipt.removed) {
        removed.push(Json::object({{"id", connection.connection.str()},
                                   {"plugin", connection.plugin.str()},
                                   {"pluginName", names.of(connection.plugin.str())}}));
    }
    const bool by_hand =
        receipt.revoked == "pending" || receipt.revoked == "unreachable" || receipt.revoked == "sharedHere";
    return Json::object({{"number", receipt.number},
                         {"at", formatInstant(receipt.at)},
                         {"account", account},
                         {"removed", std::move(removed)},
                         {"revoked", receipt.revoked},
                         {"revokeUrl", by_hand ? Json("https://myaccount.google.com/connections") : Json(nullptr)},
                         {"left", Json::object({{"clientsKept", left.clients_kept},
                                                {"clientsRemoved", left.clients_removed},
                                                {"createdKept", left.created_kept},
                                                {"createdRemoved", left.created_removed}})}});
}

Json end(Services& services, const CallContext& ctx, const credential::DisconnectRequest& request,
         const Connections& concerned, const std::string& account, const Left& left) {
    for (const auto& connection : concerned) forgetHere(services, ctx, connection);
    const credential::Receipt receipt = services.vault.disconnect(request);
    // Again, because a connection that was just made may have begun its streams in between.
    for (const auto& connection : receipt.removed) services.sync.disconnected(ctx, connection.connection);
    services.database.write(ctx.tenant, [&](storage::Tx& tx) {
        for (const auto& connection : receipt.removed) {
            const Json data = Json::object(
                {{"plugin", connection.plugin.str()}, {"revoked", receipt.revoked}, {"receipt", receipt.number}});
            storage::appendEvent(tx, ctx, {"connection.disconnected", "connection", connection.connection.str(), data},
                                 services.clock.now());
        }
    });
    return receiptJson(receipt, account, PluginNames(services.plugins, ctx.tenant), left);
}

std::int64_t removeImported(Services& services, const CallContext& ctx, const Connections& connections) {
    std::int64_t removed = 0;
    for (const auto& connection : connections) {
        for (int done = kContactsAtOnce; done == kContactsAtOnce; removed += done)
            done = services.database.write(ctx.tenant, [&](storage::Tx& tx) {
                return sync::removeImported(tx, ctx, services.clock.now(), connection.id, kContactsAtOnce);
            });
    }
    return removed;
}

}  // namespace

bool retryRevoking(const std::optional<std::string>& if_unreachable) {
    if (!if_unreachable || *if_unreachable == "removeNow") return false;
    if (*if_unreachable == "retry") return true;
    throw Error(Code::Invalid, "invalid_parameter", "disconnect: 'ifUnreachable' is removeNow or retry");
}

bool forEveryone(const std::optional<std::string>& end_for) {
    if (!end_for || *end_for == "me") return false;
    if (*end_for == "everyone") return true;
    throw Error(Code::Invalid, "invalid_parameter", "disconnect: 'endFor' is me or everyone");
}

bool removing(const std::string& what, const std::optional<std::string>& choice) {
    if (!choice || *choice == "keep") return false;
    if (*choice == "remove") return true;
    throw Error(Code::Invalid, "invalid_parameter", "disconnect: '" + what + "' is keep or remove");
}

sync::Traces tracesOf(Services& services, const TenantId& tenant, const Connections& connections) {
    return services.database.read(tenant, [&](storage::Tx& tx) {
        sync::Traces traces;
        for (const auto& connection : connections) traces += sync::tracesOf(tx, services.clock.now(), connection.id);
        return traces;
    });
}

Json disconnect(Call& call, credential::DisconnectRequest request, const Connections& concerned) {
    request.tenant = call.ctx.tenant;
    if (request.user.empty()) request.user = call.user().id;
    const bool own = request.user == call.user().id;
    const sync::Traces traces = tracesOf(call.services, call.ctx.tenant, concerned);
    return end(call.services, call.ctx, request, concerned, own ? concerned.front().account : "",
               {traces.imported, 0, traces.events + traces.contacts, 0});
}

http::Response disconnect(Call& call, credential::DisconnectRequest request, const Connections& concerned,
                          LeaveChoice choice) {
    if (!choice.remove_imported && !choice.remove_created)
        return http::Response::json(disconnect(call, std::move(request), concerned));
    sync::Leaving leaving;
    for (const auto& connection : concerned) leaving.connections.push_back(connection.id);
    leaving.there = choice.remove_created;
    Json plugins = Json::array();
    for (const auto& connection : concerned) plugins.push(connection.plugin.str());
    leaving.ending = Json::object({{"whole", !request.account.empty()},
                                   {"plugins", std::move(plugins)},
                                   {"removeImported", choice.remove_imported},
                                   {"retryRevoking", request.retry_revoking},
                                   {"forEveryone", request.for_everyone}});
    const auto begun = call.services.sync.leave(call.ctx, std::move(leaving));
    return http::Response::json(leavingJson(begun, PluginNames(call)), 202);
}

sync::Departures::Ending endingOf(Services& services) {
    return [&services](const CallContext& ctx, const sync::Leaving& leaving) {
        Connections concerned;
        for (auto& connection : services.vault.connections(ctx.tenant, leaving.user))
            if (std::find(leaving.connections.begin(), leaving.connections.end(), connection.id) !=
                leaving.connections.end())
                concerned.push_back(std::move(connection));
        if (concerned.empty()) return Json();  // ended otherwise meanwhile
        const sync::Traces before = tracesOf(services, ctx.tenant, concerned);
        Left left;
        if (leaving.ending.getBool("removeImported")) left.clients_removed = removeImported(services, ctx, concerned);
        left.clients_kept = before.imported - left.clients_removed;
        left.created_removed = leaving.removed;
        left.created_kept = leaving.there ? leaving.stayed : before.events + before.contacts;
        credential::DisconnectRequest request;
        request.tenant = ctx.tenant;
        request.user = leaving.user;
        request.retry_revoking = leaving.ending.getBool("retryRevoking");
        request.for_everyone = leaving.ending.getBool("forEveryone");
        if (leaving.ending.getBool("whole"))
            request.account = concerned.front().account_id;
        else
            request.connection = concerned.front().id;
        return end(services, ctx, request, concerned, "", left);
    };
}

Json leavingJson(const sync::Leaving& leaving, const PluginNames& names) {
    Json plugins = Json::array();
    for (const Json& plugin : leaving.ending.at("plugins").items()) plugins.push(names.of(plugin.str()));
    return Json::object({{"id", leaving.id},
                         {"pluginNames", std::move(plugins)},
                         {"startedAt", formatInstant(leaving.started_at)},
                         {"until", formatInstant(leaving.until)},
                         {"total", leaving.total},
                         {"removed", leaving.removed},
                         {"stayed", leaving.stayed},
                         {"problem", leaving.problem.empty() ? Json(nullptr) : Json(leaving.problem)},
                         {"receipt", leaving.receipt}});
}

}  // namespace portico::api
