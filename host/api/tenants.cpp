// SPDX-License-Identifier: Apache-2.0
#include "host/identity/tenants.h"

#include "host/api/fields.h"
#include "host/api/resources.h"

namespace portico::api {
namespace {

http::Response listTenants(Call& call) {
    return call.read([&](storage::Tx& tx) {
        const identity::Tenant tenant = identity::Tenants(tx, call.now()).get(call.ctx);
        return page(Json::array({identity::toJson(tenant)}), std::nullopt);
    });
}

http::Response updateTenant(Call& call) {
    if (call.request.idVar("tenantId") != call.ctx.tenant.str())
        throw Error(Code::NotFound, "not_found", "There is no such tenant.");
    const Json body = call.request.json();
    const Fields fields(body, {"name", "timeZone", "locale", "currency"});
    return call.write([&](storage::Tx& tx) {
        identity::Tenants tenants(tx, call.now());
        const identity::Tenant before = tenants.get(call.ctx);
        const identity::TenantInput input{fields.optText("name").value_or(before.name), before.slug,
                                          fields.optText("timeZone").value_or(before.time_zone),
                                          fields.optText("locale").value_or(before.locale),
                                          fields.optText("currency").value_or(before.currency)};
        return http::Response::json(identity::toJson(tenants.update(call.ctx, std::nullopt, input)));
    });
}

}  // namespace

void addTenants(Routes& routes) {
    routes.get("/tenants", listTenants);
    routes.patch("/tenants/{tenantId}", updateTenant, Access::Admin);
}

}  // namespace portico::api
