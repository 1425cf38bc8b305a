// SPDX-License-Identifier: Apache-2.0
#include "host/identity/users.h"

#include "host/identity/email.h"
#include "host/identity/sign_in.h"
#include "host/storage/outbox.h"

namespace portico::identity {
namespace {

constexpr const char* kSelect =
    "SELECT id, tenant_id, version, email, name, role, active, password IS NOT NULL, last_sign_in_at FROM users"
    " WHERE tenant_id = :tenant AND id = ?1";

User fromRow(const storage::Row& row) {
    return {UserId(row.text(0)),    TenantId(row.text(1)), row.integer(2), row.text(3),      row.text(4),
            parseRole(row.text(5)), row.boolean(6),        row.boolean(7), row.optInstant(8)};
}

void check(const UserInput& input) {
    checkEmail(input.email);
    if (input.name.empty() || input.name.size() > 120)
        throw Error(Code::Invalid, "bad_name", "a user needs a name of at most 120 bytes");
}

Json changedMembers(const User& before, const UserInput& after) {
    Json changed = Json::array();
    if (before.email != after.email) changed.push("email");
    if (before.name != after.name) changed.push("name");
    if (before.role != after.role) changed.push("role");
    if (before.active != after.active) changed.push("active");
    return changed;
}

template <class F>
void uniqueEmail(const std::string& email, F&& change) {
    try {
        change();
    } catch (const Error& error) {
        if (error.code() != Code::Conflict) throw;
        throw Error(Code::Conflict, "email_taken", "someone already signs in with " + email + "; use another address");
    }
}

}  // namespace

Role Users::roleOf(const CallContext& context) {
    if (context.actor.isSystem()) return Role::Owner;
    const User actor = get(context, context.actor.user);
    if (!actor.active) throw Error(Code::Denied, "inactive", "your account is not active any more");
    return actor.role;
}

void Users::checkRights(const CallContext& context, Role touched) {
    require(roleOf(context), touched == Role::Owner ? Permission::ManageOwners : Permission::ManageUsers);
}

void Users::keepAnOwner() {
    if (!tx_.one("SELECT 1 FROM users WHERE tenant_id = :tenant AND role = 'owner' AND active = 1"))
        throw Error(Code::Conflict, "last_owner", "a business needs an active owner: make someone else an owner first");
}

User Users::create(const CallContext& context, const UserInput& input, std::optional<std::string> password_hash) {
    check(input);
    checkRights(context, input.role);
    const UserId id{newId()};
    uniqueEmail(input.email, [&] {
        tx_.exec(
            "INSERT INTO users (tenant_id, id, version, email, email_folded, name, role, active, password, created_at)"
            " VALUES (:tenant, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            id, input.email, foldEmail(input.email), input.name, roleName(input.role), input.active, password_hash,
            now_);
    });
    storage::appendEvent(
        tx_, context,
        {"user.created", "user", id.str(), Json::object({{"version", 1}, {"role", roleName(input.role)}})}, now_);
    return get(context, id);
}

User Users::get(const CallContext&, const UserId& id) {
    const auto row = tx_.one(kSelect, id);
    if (!row) throw Error(Code::NotFound, "no_user", "this user does not exist");
    return fromRow(*row);
}

std::vector<User> Users::list(const CallContext&) {
    std::vector<User> users;
    for (const storage::Row& row :
         tx_.query("SELECT id, tenant_id, version, email, name, role, active, password IS NOT NULL, last_sign_in_at"
                   " FROM users WHERE tenant_id = :tenant ORDER BY name, id"))
        users.push_back(fromRow(row));
    return users;
}

User Users::update(const CallContext& context, const UserId& id, std::optional<std::int64_t> expected_version,
                   const UserInput& input) {
    check(input);
    const User before = get(context, id);
    if (expected_version && *expected_version != before.version)
        throw Error(Code::Conflict, "version_mismatch", "change the user: someone else changed it first; reload it");
    checkRights(context, before.role);
    checkRights(context, input.role);
    const Json changed = changedMembers(before, input);
    if (changed.items().empty()) return before;
    uniqueEmail(input.email, [&] {
        tx_.exec(
            "UPDATE users SET version = version + 1, email = ?2, email_folded = ?3, name = ?4, role = ?5, active = ?6"
            " WHERE tenant_id = :tenant AND id = ?1",
            id, input.email, foldEmail(input.email), input.name, roleName(input.role), input.active);
    });
    keepAnOwner();
    if (!input.active) tx_.exec("DELETE FROM sessions WHERE tenant_id = :tenant AND user_id = ?1", id);
    storage::appendEvent(tx_, context,
                         {before.active && !input.active ? "user.deactivated" : "user.updated", "user", id.str(),
                          Json::object({{"version", before.version + 1}, {"changed", changed}})},
                         now_);
    return get(context, id);
}

void Users::setPasswordHash(const CallContext& context, const UserId& id, const std::string& hash,
                            const std::string& keep_session) {
    const User user = get(context, id);
    tx_.exec("UPDATE users SET password = ?2, version = version + 1 WHERE tenant_id = :tenant AND id = ?1", id, hash);
    tx_.exec("DELETE FROM sessions WHERE tenant_id = :tenant AND user_id = ?1 AND id <> ?2", id, keep_session);
    tx_.exec("DELETE FROM one_use_links WHERE tenant_id = :tenant AND user_id = ?1", id);
    forgetFailures(tx_, accountKey(user.email));
    storage::appendEvent(tx_, context, {"user.password-changed", "user", id.str(), Json::object()}, now_);
}

Json toJson(const User& user) {
    return Json::object({{"id", user.id.str()},
                         {"version", user.version},
                         {"email", user.email},
                         {"name", user.name},
                         {"role", roleName(user.role)},
                         {"active", user.active},
                         {"lastSignInAt", user.last_sign_in_at ? Json(formatInstant(*user.last_sign_in_at)) : Json()}});
}

UserInput userInput(const Json& json) {
    return {json.str("email"), json.str("name"), parseRole(json.getStr("role", "staff")), json.getBool("active", true)};
}

}  // namespace portico::identity
