// SPDX-License-Identifier: Apache-2.0
#include "host/api/fields.h"
#include "host/api/people.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/base/secret.h"
#include "host/identity/sign_in.h"
#include "host/identity/sign_in_log.h"

namespace portico::api {
namespace {

void changePassword(Call& call, const Fields& fields) {
    std::string current = fields.text("currentPassword");
    std::string next = fields.text("newPassword");
    call.services.sign_in.changePassword(call.ctx, current, next, call.who().session.id);
    wipe(current);
    wipe(next);
}

http::Response updateMe(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"name", "language", "currentPassword", "newPassword"});
    if (fields.has("newPassword") || fields.has("currentPassword")) changePassword(call, fields);
    call.write([&](storage::Tx& tx) {
        if (fields.has("language")) setLanguage(tx, call.user().id, fields.optChoice("language", {"en", "de"}));
        if (!fields.has("name")) return;
        identity::Users users(tx, call.now());
        const identity::User user = users.get(call.ctx, call.user().id);
        // Staff may not manage users, themselves included; their own name is not a matter of rights.
        CallContext context = call.ctx;
        if (!call.isAdmin()) context.actor.user = UserId();
        users.update(context, user.id, std::nullopt, {user.email, fields.text("name"), user.role, user.active});
    });
    return http::Response::json(meJson(call.services, call.who()));
}

constexpr int kMostSignIns = 2'000;

http::Response listSignIns(Call& call) {
    std::vector<Json> items;
    for (const auto& note :
         call.read([&](storage::Tx& tx) { return identity::signInsOf(tx, call.user().id, kMostSignIns); }))
        items.push_back(identity::toJson(note));
    return pageOf(call, std::move(items));
}

}  // namespace

void addMe(Routes& routes) {
    routes.get("/me", [](Call& call) { return http::Response::json(meJson(call.services, call.who())); });
    routes.patch("/me", updateMe);
    routes.get("/me/sign-ins", listSignIns);
}

}  // namespace portico::api
