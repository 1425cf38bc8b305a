// SPDX-License-Identifier: Apache-2.0
// For load balancers and supervisors: /healthz says that the process answers, /readyz that people can work with it and
// what is wrong otherwise. For people: /conditions. All say it in words, and nothing that would help an attacker.
#include <algorithm>

#include "host/api/conditions.h"
#include "host/api/resources.h"

namespace portico::api {
namespace {

http::Response readiness(Call& call) {
    const std::vector<Condition> all = call.services.conditions.now();
    Json parts = Json::object();
    for (const ConditionKind& kind : conditionKinds()) parts.set(std::string(kind.part), "ok");
    Json list = Json::array();
    bool ready = true;
    for (const Condition& condition : all) {
        ready = ready && condition.kind->serves;
        const std::string part(condition.kind->part);
        if (parts.str(part) == "ok") parts.set(part, condition.text());
        list.push(toJson(condition));
    }
    // The worst comes first.
    const std::string state = all.empty() ? "ok" : list.items().front().str("severity");
    http::Response response = http::Response::json(
        Json::object(
            {{"ready", ready}, {"state", state}, {"parts", std::move(parts)}, {"conditions", std::move(list)}}),
        ready ? 200 : 503);
    response.header("Cache-Control", "no-store");
    return response;
}

// Admins learn what to do; everybody else what it means for them, which the key tells.
http::Response listConditions(Call& call) {
    Json items = Json::array();
    for (const Condition& condition : call.services.conditions.now()) {
        const Audience audience = condition.kind->audience;
        if (audience == Audience::Nobody || (audience == Audience::Admins && !call.isAdmin())) continue;
        Json item = toJson(condition);
        if (!call.isAdmin()) item.set("todo", "");
        items.push(std::move(item));
    }
    return page(std::move(items), std::nullopt);
}

}  // namespace

void addHealth(Routes& routes) {
    routes.open("/healthz", [](Call&) { return http::Response::text("ok\n"); });
    routes.open("/readyz", readiness);
    routes.get("/conditions", listConditions);
}

}  // namespace portico::api
