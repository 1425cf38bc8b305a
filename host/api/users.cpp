// SPDX-License-Identifier: Apache-2.0
#include "host/api/fields.h"
#include "host/api/people.h"
#include "host/api/resources.h"
#include "host/base/secret.h"
#include "host/identity/passwords.h"

namespace portico::api {
namespace {

std::string hashOf(Call& call, const Fields& fields, const std::string& email) {
    std::string password = fields.text("password");
    identity::checkNewPassword(password, email);
    std::string hash = call.services.hasher.hash(password);
    wipe(password);
    return hash;
}

http::Response listUsers(Call& call) {
    return call.read([&](storage::Tx& tx) {
        Json items = Json::array();
        for (const identity::User& user : identity::Users(tx, call.now()).list(call.ctx))
            items.push(userJson(tx, user));
        return page(std::move(items), std::nullopt);
    });
}

http::Response createUser(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"email", "name", "role", "password"});
    const identity::UserInput input{fields.text("email"), fields.text("name"),
                                    identity::parseRole(fields.text("role"))};
    const std::string hash = hashOf(call, fields, input.email);  // slow, so before the writer is taken
    return call.writeOnce([&](storage::Tx& tx) {
        return created(userJson(tx, identity::Users(tx, call.now()).create(call.ctx, input, hash)));
    });
}

http::Response updateUser(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"name", "role", "active", "password"});
    const UserId id(call.request.idVar("userId"));
    const std::int64_t expected = call.expectedVersion();
    const identity::User before =
        call.read([&](storage::Tx& tx) { return identity::Users(tx, call.now()).get(call.ctx, id); });
    const std::optional<std::string> hash =
        fields.has("password") ? std::optional(hashOf(call, fields, before.email)) : std::nullopt;
    return call.write([&](storage::Tx& tx) {
        identity::Users users(tx, call.now());
        identity::UserInput input{before.email, fields.optText("name").value_or(before.name), before.role,
                                  fields.optBoolean("active").value_or(before.active)};
        if (const auto role = fields.optText("role")) input.role = identity::parseRole(*role);
        users.update(call.ctx, id, expected, input);
        if (hash) users.setPasswordHash(call.ctx, id, *hash);
        return versioned(userJson(tx, users.get(call.ctx, id)));
    });
}

http::Response deactivateUser(Call& call) {
    const UserId id(call.request.idVar("userId"));
    if (id == call.user().id)
        throw Error(Code::Conflict, "own_account",
                    "deactivate a user: it is your own account; ask another administrator");
    return call.write([&](storage::Tx& tx) {
        identity::Users users(tx, call.now());
        const identity::User user = users.get(call.ctx, id);
        users.update(call.ctx, id, std::nullopt, {user.email, user.name, user.role, false});
        return versioned(userJson(tx, users.get(call.ctx, id)));
    });
}

}  // namespace

void addUsers(Routes& routes) {
    routes.get("/users", listUsers, Access::Admin);
    routes.post("/users", createUser, Access::Admin);
    routes.patch("/users/{userId}", updateUser, Access::Admin);
    routes.post("/users/{userId}/deactivate", deactivateUser, Access::Admin);
}

}  // namespace portico::api
