// SPDX-License-Identifier: Apache-2.0
#include "host/api/google_setup.h"

#include "host/api/fields.h"
#include "host/api/people.h"
#include "host/api/ports.h"
#include "host/api/resources.h"
#include "host/api/setup_checks.h"
#include "host/base/log.h"
#include "host/base/secret.h"
#include "host/credential/providers/google_console.h"
#include "host/credential/vault.h"
#include "host/http/cookies.h"
#include "host/identity/operator_sessions.h"

namespace portico::api {
namespace {

constexpr std::size_t kMaxWord = 512;

// "1234567890-…wxyz": enough to compare with, and to tell one from another.
std::string hintOf(const std::string& client_id) {
    const std::string project = credential::projectOf(client_id);
    const std::string name = client_id.substr(0, client_id.find('.'));
    const std::string end = name.size() > 4 ? name.substr(name.size() - 4) : "";
    return (project.empty() ? "" : project + "-") + "…" + end;
}

Json wantedJson(const Wanted& wanted, const std::string& client_id) {
    Json apis = Json::array(), scopes = Json::array();
    const std::string project = credential::projectOf(client_id);
    for (const WantedApi& api : wanted.apis)
        apis.push(Json::object({{"title", api.title},
                                {"plugins", api.plugins},
                                {"link", "https://console.cloud.google.com/apis/library/" + api.service +
                                             (project.empty() ? "" : "?project=" + project)}}));
    for (const WantedScope& scope : wanted.scopes)
        scopes.push(Json::object({{"name", scope.scope},
                                  {"tier", scope.tier},
                                  {"reason", scope.reason},
                                  {"optional", scope.optional},
                                  {"plugins", scope.plugins}}));
    return Json::object(
        {{"apis", std::move(apis)}, {"scopes", std::move(scopes)}, {"verification", wanted.verification}});
}

Json clientJson(const credential::ProviderSetup& setup) {
    const bool there = !setup.client_id.empty();
    return Json::object({{"source", setup.configured ? "configuration"
                                    : there          ? "stored"
                                                     : "none"},
                         {"hint", there ? Json(hintOf(setup.client_id)) : Json(nullptr)},
                         {"setAt", setup.set_at ? Json(formatInstant(*setup.set_at)) : Json(nullptr)},
                         {"connections", setup.connections},
                         {"waiting", setup.others}});
}

Json view(Services& services, const std::string& session, bool ask) {
    return googleSetup(services, ask).set("csrfToken", identity::Sessions::csrfToken(session));
}

std::string sessionOf(Call& call) { return call.request.cookie(operatorCookieName(call.services.config)).value_or(""); }

// The link is spent last, so that a failure can be repeated.
http::Response open(Call& call) {
    const Json body = call.request.json();
    const std::string token = Fields(body, {"token"}).text("token");
    call.services.operators.check(token);
    Json told = googleSetup(call.services, false);
    const std::string session = call.services.operators.redeem(token);
    log::info("operator.signed_in", {{"trace", call.ctx.trace}});
    http::Response response = created(told.set("csrfToken", identity::Sessions::csrfToken(session)));
    response.headers.add("Set-Cookie", http::setCookie(kOperatorCookie, session, !call.services.config.plain_http,
                                                       http::SameSite::Strict, identity::OperatorSessions::kGoodFor));
    return response;
}

http::Response close(Call& call) {
    call.services.operators.end();
    http::Response response = http::Response::empty();
    response.headers.add("Set-Cookie", http::clearCookie(kOperatorCookie, !call.services.config.plain_http));
    return response;
}

// The secret passes through to the vault, and what was read of it on the way is overwritten.
http::Response putClient(Call& call) {
    Json body = call.request.json();
    wipe(call.request.body);
    const Fields fields(body, {"clientId", "clientSecret", "replace"});
    std::string given = fields.text("clientSecret", kMaxWord);
    const SecretBytes secret = SecretBytes::take(given);
    wipe(const_cast<std::string&>(body.find("clientSecret")->str()));
    call.services.vault.putClient({fields.text("clientId", kMaxWord), fields.optBoolean("replace").value_or(false)},
                                  secret);
    log::info("operator.google_client_set", {{"trace", call.ctx.trace}});
    return http::Response::json(view(call.services, sessionOf(call), true));
}

http::Response forgetClient(Call& call) {
    call.services.vault.forgetClient();
    log::info("operator.google_client_forgotten", {{"trace", call.ctx.trace}});
    return http::Response::json(view(call.services, sessionOf(call), false));
}

}  // namespace

Json googleSetup(Services& services, bool ask) {
    SetupFacts facts;
    facts.now = services.clock.now();
    facts.public_url = services.config.public_url;
    facts.webhooks = services.config.webhooks;
    facts.notifications =
        services.database.readSystem("the operator asks whether notifications arrive", sync::notificationsSeen);
    if (ask) facts.verdict = services.vault.askForClient();
    facts.setup = services.vault.providerSetup();  // after asking, which shows the clock as well
    facts.wanted = wantedOf(services.plugins.installed());
    Json checks = Json::array();
    for (const SetupCheck& check : setupChecks(facts)) checks.push(toJson(check));
    return Json::object({{"publicUrl", facts.public_url},
                         {"redirectUri", facts.setup.redirect_uri},
                         {"privacyUrl", facts.public_url + "/privacy"},
                         {"simulated", services.vault.status().simulated},
                         {"client", clientJson(facts.setup)},
                         {"wanted", wantedJson(facts.wanted, facts.setup.client_id)},
                         {"checks", std::move(checks)}});
}

std::string googleSetupLink(Services& services) {
    return services.config.public_url + "/setup/google#" + services.operators.issue();
}

void addGoogleSetup(Routes& routes) {
    routes.post("/setup/google/session", open, Access::Public);
    routes.del("/setup/google/session", close, Access::Operator);
    routes.get(
        "/setup/google", [](Call& call) { return http::Response::json(view(call.services, sessionOf(call), false)); },
        Access::Operator);
    routes.post(
        "/setup/google/check",
        [](Call& call) { return http::Response::json(view(call.services, sessionOf(call), true)); }, Access::Operator);
    routes.put("/setup/google/client", putClient, Access::Operator);
    routes.del("/setup/google/client", forgetClient, Access::Operator);
}

}  // namespace portico::api
