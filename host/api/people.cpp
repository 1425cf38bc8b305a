// SPDX-License-Identifier: Apache-2.0
#include "host/api/people.h"

#include "host/identity/tenants.h"

namespace portico::api {

std::string cookieName(const Config& config) { return config.plain_http ? "portico" : "__Host-portico"; }

namespace {

// No Max-Age: the cookie ends with the browser, the session behind it on the server's own clock.
std::string cookie(const Config& config, const std::string& value) {
    return cookieName(config) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax" + (config.plain_http ? "" : "; Secure");
}

}  // namespace

void setSessionCookie(http::Response& response, const Config& config, const std::string& token) {
    response.headers.add("Set-Cookie", cookie(config, token));
}

void dropSessionCookie(http::Response& response, const Config& config) {
    response.headers.add("Set-Cookie", cookie(config, "") + "; Max-Age=0");
    response.header("Clear-Site-Data", "\"cache\"");
}

std::optional<std::string> languageOf(storage::Tx& tx, const UserId& user) {
    const auto row = tx.one("SELECT language FROM preferences WHERE tenant_id = :tenant AND user_id = ?1", user);
    return row ? row->optText(0) : std::nullopt;
}

void setLanguage(storage::Tx& tx, const UserId& user, const std::optional<std::string>& language) {
    tx.exec("INSERT INTO preferences (tenant_id, user_id, language) VALUES (:tenant, ?1, ?2)"
            " ON CONFLICT (tenant_id, user_id) DO UPDATE SET language = excluded.language",
            user, language);
}

Json userJson(storage::Tx& tx, const identity::User& user) {
    const auto language = languageOf(tx, user.id);
    return Json::object({{"id", user.id.str()},
                         {"version", user.version},
                         {"email", user.email},
                         {"name", user.name},
                         {"role", identity::roleName(user.role)},
                         {"language", language ? Json(*language) : Json(nullptr)},
                         {"active", user.active},
                         {"lastSignInAt", user.last_sign_in_at ? Json(formatInstant(*user.last_sign_in_at)) : Json()}});
}

Json meJson(Services& services, const identity::Authenticated& who) {
    CallContext context;
    context.tenant = who.user.tenant;
    context.actor = {who.user.id, "web"};
    const Config& config = services.config;
    return services.database.read(who.user.tenant, [&](storage::Tx& tx) {
        const identity::Tenant tenant = identity::Tenants(tx, services.clock.now()).get(context);
        const identity::User user = identity::Users(tx, services.clock.now()).get(context, who.user.id);
        return Json::object({{"user", userJson(tx, user)},
                             {"tenant", identity::toJson(tenant)},
                             {"csrfToken", who.csrf_token},
                             {"demo", config.demo},
                             {"googleSimulator", config.google_simulator.empty() ? Json(nullptr)
                                                                                 : Json(config.google_simulator)}});
    });
}

}  // namespace portico::api
