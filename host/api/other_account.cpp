// SPDX-License-Identifier: Apache-2.0
// "Connect a different account?": somebody else signed in at the provider than the connection belongs to. The vault
// keeps what the consent brought for ten minutes; here the user says, in the same browser, what it shall be.
#include "host/api/connected.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/return_state.h"
#include "host/api/views.h"
#include "host/credential/vault.h"

namespace portico::api {

void startUsing(Call& call, const credential::CompleteResult& made) {
    Json missing = Json::array();
    for (const std::string& scope : made.missing) missing.push(scope);
    noteEvent(call, "connection.connected", "connection", made.connection.str(),
              Json::object({{"plugin", made.plugin.str()}, {"missing", std::move(missing)}}));
    call.services.sync.connected(call.ctx, made.connection, made.plugin);
}

namespace {

credential::PendingRequest ofThisBrowser(Call& call, const std::string& id = "") {
    return {call.ctx.tenant, call.user().id, call.who().session.id, id};
}

credential::PendingRequest named(Call& call) { return ofThisBrowser(call, call.request.var("pendingId")); }

http::Response list(Call& call) {
    const PluginNames names(call);
    Json items = Json::array();
    for (const auto& pending : call.services.vault.pendingGrants(ofThisBrowser(call)))
        items.push(Json::object({{"id", pending.id},
                                 {"plugin", pending.plugin.str()},
                                 {"pluginName", names.of(pending.plugin.str())},
                                 {"signedInAs", pending.signed_in},
                                 {"belongsTo", pending.belongs_to.empty() ? Json(nullptr) : Json(pending.belongs_to)},
                                 {"expiresAt", formatInstant(pending.expires_at)}}));
    return page(std::move(items), std::nullopt);
}

http::Response accept(Call& call) {
    const auto made = call.services.vault.acceptPending(named(call));
    startUsing(call, made);
    const std::string path = ReturnState::fromText(made.return_to).with({{"connected", made.plugin.str()}});
    return http::Response::json(Json::object({{"returnTo", path}}));
}

http::Response discard(Call& call) {
    call.services.vault.discardPending(named(call));
    return http::Response::empty();
}

http::Response retry(Call& call) {
    const auto begun = call.services.vault.retryPending(named(call));
    return http::Response::json(Json::object({{"authorizationUrl", begun.authorization_url}, {"password", nullptr}}));
}

}  // namespace

void addOtherAccount(Routes& routes) {
    routes.get("/connections/pending", list);
    routes.post("/connections/pending/{pendingId}/accept", accept);
    routes.post("/connections/pending/{pendingId}/discard", discard);
    routes.post("/connections/pending/{pendingId}/retry", retry);
}

}  // namespace portico::api
