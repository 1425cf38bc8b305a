// SPDX-License-Identifier: Apache-2.0
#include "host/identity/permissions.h"

#include "host/base/error.h"

namespace portico::identity {
namespace {

// The least role that may; each role includes those below it.
Role leastRole(Permission permission) {
    switch (permission) {
        case Permission::ReadRecords:
        case Permission::WriteRecords:
        case Permission::UseConnections: return Role::Staff;
        case Permission::ImportRecords:
        case Permission::ManageCatalogue:
        case Permission::ManagePlugins:
        case Permission::ManageSync:
        case Permission::ReadAudit:
        case Permission::ManageUsers:
        case Permission::ManageTenant: return Role::Admin;
        case Permission::ManageOwners: return Role::Owner;
    }
    return Role::Owner;
}

}  // namespace

std::string_view roleName(Role role) { return role == Role::Owner ? "owner" : role == Role::Admin ? "admin" : "staff"; }

Role parseRole(std::string_view name) {
    for (const Role role : {Role::Owner, Role::Admin, Role::Staff})
        if (name == roleName(role)) return role;
    throw Error(Code::Invalid, "bad_role", "'" + std::string(name) + "' is not a role: use owner, admin or staff");
}

bool allows(Role role, Permission permission) {
    return static_cast<int>(role) <= static_cast<int>(leastRole(permission));
}

void require(Role role, Permission permission) {
    if (!allows(role, permission))
        throw Error(Code::Denied, "role",
                    "this needs the role " + std::string(roleName(leastRole(permission))) + "; yours is " +
                        std::string(roleName(role)) + ". Ask an owner of your business");
}

}  // namespace portico::identity
