// SPDX-License-Identifier: Apache-2.0
// The privacy page: readable by everybody at an address that stays, because it is what Google, clients and people who
// do not have an account yet are pointed to.
#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/privacy_versions.h"
#include "host/api/resources.h"
#include "host/base/error.h"
#include "host/identity/email.h"
#include "host/identity/tenants.h"

namespace portico::api {
namespace {

identity::Tenant tenantOfSlug(Call& call) {
    const std::string slug = call.request.var("slug");
    const auto all = call.services.database.readSystem("the page's address names its tenant",
                                                       [](storage::SystemTx& tx) { return identity::allTenants(tx); });
    for (const identity::Tenant& tenant : all)
        if (tenant.slug == slug) return tenant;
    throw Error(Code::NotFound, "not_found", "there is no business of this name here");
}

Json versionJson(const PolicyVersion& version) {
    return Json::object({{"number", version.number}, {"at", formatInstant(version.at)}});
}

// Who comes from the sign-in page has no tenant yet; with several, none is told.
http::Response findPolicy(Call& call) {
    const auto all = call.services.database.readSystem("nobody is signed in yet",
                                                       [](storage::SystemTx& tx) { return identity::allTenants(tx); });
    return http::Response::json(Json::object({{"slug", all.size() == 1 ? Json(all.front().slug) : Json(nullptr)}}));
}

http::Response showPolicy(Call& call) {
    const identity::Tenant tenant = tenantOfSlug(call);
    const CurrentPolicy current = currentPolicy(call.services, tenant.id);
    Json list = Json::array();
    for (const PolicyVersion& version :
         call.services.database.read(tenant.id, [](storage::Tx& tx) { return versions(tx); }))
        list.push(versionJson(version));
    return http::Response::json(Json::object({{"business", tenant.name},
                                              {"slug", tenant.slug},
                                              {"controllerNamed", current.controller.named()},
                                              {"number", current.version.number},
                                              {"lastUpdated", formatInstant(current.version.at)},
                                              {"sections", toJson(current.policy)},
                                              {"versions", std::move(list)}}));
}

http::Response showVersion(Call& call) {
    const identity::Tenant tenant = tenantOfSlug(call);
    const std::string text = call.request.var("number");
    const bool plain = !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
    return call.services.database.read(tenant.id, [&](storage::Tx& tx) {
        const auto version = plain ? versionOf(tx, std::stoll(text)) : std::nullopt;
        if (!version) throw Error(Code::NotFound, "not_found", "there is no such version of this page");
        const auto before = versionOf(tx, version->number - 1);
        const Json old = before ? before->document : Json::array();
        return http::Response::json(
            versionJson(*version)
                .set("business", tenant.name)
                .set("sections", version->document)
                .set("added", before ? addedStatements(old, version->document) : Json::array())
                .set("removed", before ? addedStatements(version->document, old) : Json::array()));
    });
}

Json controllerJson(const Controller& controller) {
    return Json::object({{"name", controller.name}, {"address", controller.address}, {"email", controller.email}});
}

http::Response showController(Call& call) {
    return http::Response::json(controllerJson(call.read([](storage::Tx& tx) { return controllerOf(tx); })));
}

http::Response nameController(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"name", "address", "email"});
    const Controller controller{fields.text("name"), fields.optText("address").value_or(""), fields.text("email")};
    if (controller.name.empty()) refuseMember("/name", "is needed: who is responsible");
    identity::checkEmail(controller.email);
    call.write([&](storage::Tx& tx) { setController(tx, controller); });
    noteEvent(call, "privacy.controller_named", "tenant", call.ctx.tenant.str(), Json::object());
    currentPolicy(call.services, call.ctx.tenant);
    return http::Response::json(controllerJson(controller));
}

http::Response seen(Call& call) {
    const Json body = call.request.json();
    const std::int64_t number = Fields(body, {"number"}).integer("number", 1, 1'000'000'000);
    call.write([&](storage::Tx& tx) {
        const auto newest = newestVersion(tx);
        if (!newest || number > newest->number) refuseMember("/number", "is no version of this page");
        markSeen(tx, call.user().id, number);
    });
    return http::Response::empty();
}

}  // namespace

void addPrivacy(Routes& routes) {
    routes.get("/privacy", findPolicy, Access::Public);
    routes.get("/privacy/{slug}", showPolicy, Access::Public);
    routes.get("/privacy/{slug}/versions/{number}", showVersion, Access::Public);
    routes.get("/controller", showController, Access::Admin);
    routes.put("/controller", nameController, Access::Admin);
    routes.post("/me/privacy-seen", seen);
}

}  // namespace portico::api
