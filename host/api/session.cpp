// SPDX-License-Identifier: Apache-2.0
#include "host/api/fields.h"
#include "host/api/people.h"
#include "host/api/privacy_versions.h"
#include "host/api/resources.h"
#include "host/base/secret.h"
#include "host/http/event_stream.h"
#include "host/identity/links.h"
#include "host/identity/sign_in.h"

namespace portico::api {
namespace {

http::Response signedInAnswer(Call& call, const identity::SignedIn& signed_in) {
    http::Response response = created(meJson(call.services, signed_in.who));
    setSessionCookie(response, call.services.config, signed_in.token);
    return response;
}

identity::SignedIn admit(Call& call, const std::string& email, std::string_view password, bool of_age) {
    return call.services.sign_in.signIn(
        {.email = email,
         .password = password,
         .user_agent = std::string(call.request.header("User-Agent").substr(0, 300)),
         .trace = call.ctx.trace,
         .previous_token = call.request.cookie(cookieName(call.services.config)).value_or(""),
         .of_age = of_age});
}

http::Response getSession(Call& call) {
    const bool setup_needed = call.services.database.readSystem(
        "setup precedes every tenant", [](storage::SystemTx& tx) { return identity::allTenants(tx).empty(); });
    if (call.isSignedIn()) currentPolicy(call.services, call.ctx.tenant);  // so that this page load tells of a new one
    Json state = Json::object({{"signedIn", call.isSignedIn()},
                               {"setupNeeded", setup_needed},
                               {"demo", call.services.config.demo},
                               {"me", call.isSignedIn() ? meJson(call.services, call.who()) : Json(nullptr)},
                               {"csrfToken", call.isSignedIn() ? Json(call.who().csrf_token) : Json(nullptr)}});
    return http::Response::json(state);
}

http::Response signIn(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"email", "password", "tenant", "ofAge"});
    std::string password = fields.text("password");
    const auto signed_in = admit(call, fields.text("email"), password, fields.optBoolean("ofAge").value_or(false));
    wipe(password);
    return signedInAnswer(call, signed_in);
}

http::Response setUp(Call& call) {
    const Json body = call.request.json();
    const Fields fields(
        body, {"token", "tenantName", "timeZone", "locale", "currency", "name", "email", "password", "ofAge"});
    identity::TenantInput tenant;
    tenant.name = fields.text("tenantName");
    tenant.time_zone = fields.text("timeZone");
    tenant.locale = fields.optText("locale").value_or(tenant.locale);
    tenant.currency = fields.optText("currency").value_or(tenant.currency);
    if (!fields.optBoolean("ofAge").value_or(false))
        refuseMember("/ofAge", "must be confirmed: Portico is not for people under 13");
    std::string password = fields.text("password");
    call.services.links.redeemFirstOwner(fields.text("token"), tenant,
                                         {fields.text("email"), fields.text("name"), password, true});
    const auto signed_in = admit(call, fields.text("email"), password, true);
    wipe(password);
    return signedInAnswer(call, signed_in);
}

void endSession(Call& call, const std::string& id) {
    call.services.sessions.end(call.ctx, call.user().id, id);
    call.services.events.closeOwner(id);
}

http::Response signOut(Call& call) {
    endSession(call, call.who().session.id);
    http::Response response = http::Response::empty();
    dropSessionCookie(response, call.services.config);
    return response;
}

http::Response listSessions(Call& call) {
    Json items = Json::array();
    for (const identity::Session& session : call.services.sessions.list(call.ctx, call.user().id)) {
        items.push(identity::toJson(session, call.who().session.id));
    }
    return page(std::move(items), std::nullopt);
}

}  // namespace

void addSession(Routes& routes) {
    routes.get("/session", getSession, Access::Public);
    routes.post("/session", signIn, Access::Public);
    routes.del("/session", signOut);
    routes.post("/setup", setUp, Access::Public);
    routes.get("/sessions", listSessions);
    routes.del("/sessions/{sessionId}", [](Call& call) {
        endSession(call, call.request.idVar("sessionId"));
        return http::Response::empty();
    });
}

}  // namespace portico::api
