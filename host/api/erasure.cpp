// SPDX-License-Identifier: Apache-2.0
// Deletion on request (P31, P34): everything that is kept of a person's connected accounts, asked for by themselves
// when signed in, or with a one-use link from an administrator when they are not any more. Clients and appointments are
// the business's and stay; receipts stay, because they prove what was erased.
#include <map>

#include "host/api/disconnect.h"
#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/credential/vault.h"
#include "host/identity/links.h"
#include "host/identity/tenants.h"
#include "host/plugin/exits.h"
#include "host/storage/outbox.h"

namespace portico::api {
namespace {

Connections connectionsOf(Call& call) { return call.services.vault.connections(call.ctx.tenant, call.user().id); }

// What one request takes away together: all that uses one account of a provider, or one password.
std::vector<Connections> byAccount(Call& call) {
    std::map<std::string, Connections> accounts;
    for (auto& connection : connectionsOf(call)) {
        const std::string key = connection.provider == "basic" ? connection.id.str() : connection.account_id;
        accounts[key].push_back(std::move(connection));
    }
    std::vector<Connections> out;
    for (auto& [key, connections] : accounts) out.push_back(std::move(connections));
    return out;
}

Json erase(Call& call, bool retry_revoking) {
    Json receipts = Json::array();
    for (const Connections& concerned : byAccount(call)) {
        credential::DisconnectRequest request;
        request.retry_revoking = retry_revoking;
        if (concerned.front().provider == "basic")
            request.connection = concerned.front().id;
        else
            request.account = concerned.front().account_id;
        receipts.push(disconnect(call, request, concerned));
    }
    call.write([&](storage::Tx& tx) { plugin::withdrawSharing(tx, call.user().id); });
    const std::int64_t entries = call.services.vault.eraseHistory(call.ctx.tenant, call.user().id);
    noteEvent(call, "user.data_erased", "user", call.user().id.str(),
              Json::object({{"accounts", static_cast<std::int64_t>(receipts.items().size())}, {"entries", entries}}));
    return Json::object({{"receipts", std::move(receipts)}, {"entries", entries}});
}

http::Response eraseOwn(Call& call) {
    const Json body = call.request.json();
    return http::Response::json(erase(call, retryRevoking(Fields(body, {"ifUnreachable"}).optText("ifUnreachable"))));
}

// The bearer of the link acts as the person it was made for, in this one operation.
Call bearer(Call& call, const std::string& token) {
    return Call(call.services, call.request, "erase by link",
                identity::Authenticated{{}, call.services.links.bearerOfErase(token), ""});
}

http::Response viewErasure(Call& call) {
    const Json body = call.request.json();
    Call own = bearer(call, Fields(body, {"token"}).text("token"));
    const PluginNames names(own);
    Json accounts = Json::array();
    for (const auto& connection : connectionsOf(own))
        accounts.push(Json::object({{"account", connection.account},
                                    {"pluginName", names.of(connection.plugin.str())},
                                    {"connectedAt", formatInstant(connection.connected_at)}}));
    const std::string business =
        own.read([&](storage::Tx& tx) { return identity::Tenants(tx, own.now()).get(own.ctx).name; });
    return http::Response::json(
        Json::object({{"business", business}, {"name", own.user().name}, {"accounts", std::move(accounts)}}));
}

http::Response eraseByLink(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"token", "ifUnreachable"});
    const bool retry_revoking = retryRevoking(fields.optText("ifUnreachable"));
    Call own = bearer(call, fields.text("token"));
    Json told = erase(own, retry_revoking);
    call.services.links.spendErase(fields.text("token"));  // last, so that a failure can be repeated
    return http::Response::json(told);
}

http::Response issueLink(Call& call) {
    const UserId user(call.request.idVar("userId"));
    const std::string token = call.services.links.issueErase(call.ctx, user);
    noteEvent(call, "user.erasure_link_made", "user", user.str(), Json::object());
    return created(Json::object({{"url", call.services.config.public_url + "/erase?token=" + token},
                                 {"expiresAt", formatInstant(call.now() + identity::Links::kGoodFor)}}));
}

}  // namespace

void addErasure(Routes& routes) {
    routes.post("/me/erasure", eraseOwn);
    routes.post("/erasure/view", viewErasure, Access::Public);
    routes.post("/erasure", eraseByLink, Access::Public);
    routes.post("/users/{userId}/erasure-link", issueLink, Access::Admin);
}

}  // namespace portico::api
