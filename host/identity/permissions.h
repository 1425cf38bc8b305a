// SPDX-License-Identifier: Apache-2.0
// Who may do what: three roles and one table, so that a question about rights has one place to look. Immutable.
#pragma once

#include <string>
#include <string_view>

namespace portico::identity {

enum class Role { Owner, Admin, Staff };

enum class Permission {
    ReadRecords,  // contacts, appointments, files, timelines
    WriteRecords,
    UseConnections,  // connect and disconnect one's own accounts
    ImportRecords,
    ManageCatalogue,  // services, staff, working hours
    ManagePlugins,    // enable, settings, consent on behalf of the tenant
    ManageSync,       // health, conflicts, undo
    ReadAudit,
    ManageUsers,   // staff and admins
    ManageTenant,  // name, time zone, currency
    ManageOwners,  // make or unmake an owner
};

std::string_view roleName(Role role);
Role parseRole(std::string_view name);  // Invalid for anything but owner, admin, staff

bool allows(Role role, Permission permission);
// Throws Denied "role" saying which role is needed.
void require(Role role, Permission permission);

}  // namespace portico::identity
