// SPDX-License-Identifier: Apache-2.0
#include "host/api/people.h"

#include "host/api/privacy_versions.h"
#include "host/base/retention.h"
#include "host/http/cookies.h"
#include "host/identity/tenants.h"

namespace portico::api {

constexpr std::string_view kCookie = "portico";

std::string cookieName(const Config& config) { return http::cookieName(kCookie, !config.plain_http); }

std::string operatorCookieName(const Config& config) { return http::cookieName(kOperatorCookie, !config.plain_http); }

void setSessionCookie(http::Response& response, const Config& config, const std::string& token) {
    response.headers.add("Set-Cookie", http::setCookie(kCookie, token, !config.plain_http));
}

void dropSessionCookie(http::Response& response, const Config& config) {
    response.headers.add("Set-Cookie", http::clearCookie(kCookie, !config.plain_http));
    response.header("Clear-Site-Data", "\"cache\"");
}

std::optional<std::string> languageOf(storage::Tx& tx, const UserId& user) {
    const auto row = tx.one("SELECT language FROM preferences WHERE tenant_id = :tenant AND user_id = ?1", user);
    return row ? row->optText(0) : std::nullopt;
}

void setLanguage(storage::Tx& tx, const UserId& user, const std::optional<std::string>& language) {
    tx.exec(
        "INSERT INTO preferences (tenant_id, user_id, language) VALUES (:tenant, ?1, ?2)"
        " ON CONFLICT (tenant_id, user_id) DO UPDATE SET language = excluded.language",
        user, language);
}

Json userJson(storage::Tx& tx, const identity::User& user) {
    const auto language = languageOf(tx, user.id);
    return identity::toJson(user).set("language", language ? Json(*language) : Json(nullptr));
}

Json meJson(Services& services, const identity::Authenticated& who) {
    CallContext context;
    context.tenant = who.user.tenant;
    context.actor = {who.user.id, "web"};
    const Config& config = services.config;
    return services.database.read(who.user.tenant, [&](storage::Tx& tx) {
        const identity::Tenant tenant = identity::Tenants(tx, services.clock.now()).get(context);
        const identity::User user = identity::Users(tx, services.clock.now()).get(context, who.user.id);
        return Json::object(
            {{"user", userJson(tx, user)},
             {"tenant", identity::toJson(tenant)},
             {"csrfToken", who.csrf_token},
             {"demo", config.demo},
             {"privacy", noticeJson(tx, user.id, tenant.slug)},
             {"historyDays", kHistoryKept.count()},
             {"googleSimulator", config.google_simulator.empty() ? Json(nullptr) : Json(config.google_simulator)}});
    });
}

}  // namespace portico::api
