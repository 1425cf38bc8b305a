// SPDX-License-Identifier: Apache-2.0
#include "host/main/admin.h"

#include <map>

#include "host/api/setup_checks.h"
#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/vault.h"
#include "host/crm/import.h"
#include "host/identity/links.h"
#include "host/identity/tenants.h"
#include "host/identity/users.h"
#include "host/main/developer_admin.h"
#include "host/main/plugin_admin.h"

namespace portico::app {
namespace {

std::vector<identity::Tenant> tenants(const AdminParts& parts) {
    return parts.database.readSystem("the operator names a tenant by its slug", identity::allTenants);
}

CallContext contextOf(const AdminParts& parts, const Json& question) {
    const std::string slug = question.str("tenant");
    std::string known;
    for (const identity::Tenant& tenant : tenants(parts)) {
        if (tenant.slug == slug) return CallContext::system(tenant.id, "cli");
        known += (known.empty() ? "" : ", ") + tenant.slug;
    }
    throw Error(Code::NotFound, "no_tenant",
                "there is no tenant '" + slug + "'; there is: " + (known.empty() ? "none yet" : known));
}

Json listTenants(const AdminParts& parts) {
    Json list = Json::array();
    for (const identity::Tenant& tenant : tenants(parts)) list.push(identity::toJson(tenant));
    return Json::object().set("tenants", std::move(list));
}

// The owner's first password is shown once, here; it is changed under Settings.
Json createTenant(const AdminParts& parts, const Json& question) {
    identity::TenantInput input;
    input.name = question.str("name");
    if (const auto zone = question.optStr("timeZone")) input.time_zone = *zone;
    const std::string& email = question.str("owner");
    const std::string password = toHex(randomBytes(8));
    const identity::User owner = parts.links.createTenant("cli", input, {email, email, password});
    const auto tenant = parts.database.read(owner.tenant, [&](storage::Tx& tx) {
        return identity::Tenants(tx, parts.clock.now()).get(CallContext::system(owner.tenant, "cli"));
    });
    return Json::object().set("slug", tenant.slug).set("email", email).set("password", password);
}

Json report(const AdminParts& parts) {
    const auto word = [](Check::State state) {
        return state == Check::State::Ok ? "ok" : state == Check::State::Attention ? "attention" : "fault";
    };
    Json checks = Json::array();
    for (const Check& check : parts.checks())
        checks.push(Json::object().set("name", check.name).set("state", word(check.state)).set("text", check.text));
    return Json::object().set("checks", std::move(checks));
}

// The checks with their words, for a terminal.
Json googleStatus(const AdminParts& parts) {
    Json setup = parts.google(), checks = Json::array();
    for (const Json& check : setup.at("checks").items()) {
        const api::SetupWords& words = api::setupTexts().at(check.str("name") + "." + check.str("code"));
        std::map<std::string, std::string> values;
        for (const auto& [name, value] : check.at("values").members()) values[name] = value.str();
        checks.push(Json::object({{"state", check.str("state")},
                                  {"name", check.str("name")},
                                  {"seen", api::filledIn(words.seen, values)},
                                  {"advice", api::filledIn(words.advice, values)},
                                  {"link", check.getStr("link")}}));
    }
    return Json::object({{"client", setup.at("client")}, {"checks", std::move(checks)}});
}

Json forgetGoogle(const AdminParts& parts, const Json& question) {
    const std::int64_t connections = parts.vault.providerSetup().connections;
    if (connections > 0 && !question.getBool("yes"))
        throw Error(Code::Conflict, "client_in_use",
                    std::to_string(connections) +
                        " connections to Google stand still without it, until the same client id is set again; with "
                        "another one their owners connect once more. Add --yes if that is meant");
    parts.vault.forgetClient();
    log::info("operator.google_client_forgotten", {{"via", "cli"}});
    return Json::object({{"connections", connections}});
}

}  // namespace

wire::ServiceHandler adminHandler(AdminParts parts) {
    using Method = std::function<Json(const AdminParts&, const Json&, std::string_view)>;
    static const std::map<std::string, Method, std::less<>> kMethods{
        {"tenant.list", [](const AdminParts& p, const Json&, std::string_view) { return listTenants(p); }},
        {"tenant.create", [](const AdminParts& p, const Json& q, std::string_view) { return createTenant(p, q); }},
        {"import.preview",
         [](const AdminParts& p, const Json& q, std::string_view body) {
             return crm::toJson(crm::Imports(p.database, p.clock).preview(contextOf(p, q), body));
         }},
        {"import.commit",
         [](const AdminParts& p, const Json& q, std::string_view body) {
             return crm::toJson(crm::Imports(p.database, p.clock)
                                    .commit(contextOf(p, q), q.str("name"), body, crm::OnDuplicate::Skip));
         }},
        {"import.undo",
         [](const AdminParts& p, const Json& q, std::string_view) {
             return crm::toJson(crm::Imports(p.database, p.clock).undo(contextOf(p, q), q.str("import")));
         }},
        {"plugins.list", [](const AdminParts& p, const Json&, std::string_view) { return listPlugins(p); }},
        {"plugins.reload", [](const AdminParts& p, const Json&, std::string_view) { return reloadPlugins(p); }},
        {"plugins.developer",
         [](const AdminParts& p, const Json& q, std::string_view) { return developerState(p, q); }},
        {"plugins.log", [](const AdminParts& p, const Json& q, std::string_view) { return pluginLog(p, q); }},
        {"google.link",
         [](const AdminParts& p, const Json&, std::string_view) { return Json::object().set("url", p.google_link()); }},
        {"google.status", [](const AdminParts& p, const Json&, std::string_view) { return googleStatus(p); }},
        {"google.forget", [](const AdminParts& p, const Json& q, std::string_view) { return forgetGoogle(p, q); }},
        {"doctor", [](const AdminParts& p, const Json&, std::string_view) { return report(p); }},
    };
    return [parts = std::move(parts)](wire::ServiceRequest& request, wire::ServicePeer&) {
        const auto method = kMethods.find(request.method);
        if (method == kMethods.end())
            throw Error(Code::Unsupported, "unknown_method",
                        "the server has no command '" + std::string(request.method) + "'");
        return wire::ServiceReply{method->second(parts, Json::parse(request.json), request.body).dump(), ""};
    };
}

}  // namespace portico::app
