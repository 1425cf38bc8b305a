// SPDX-License-Identifier: Apache-2.0
// One-use links, good for 24 hours: the set-up of an installation by its first owner, a person choosing a password, and
// one having what is kept of their accounts erased, signed in or not. Only the token's SHA-256 is stored; using it
// deletes it. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/base/call_context.h"
#include "host/identity/passwords.h"
#include "host/identity/tenants.h"
#include "host/identity/users.h"
#include "host/storage/database.h"

namespace portico::identity {

struct NewOwner {
    std::string email, name;
    std::string_view password;  // borrowed for the call
    bool of_age = false;        // said that they are 13 or over; else asked when they first sign in
};

class Links {
public:
    static constexpr auto kGoodFor = std::chrono::hours(24);

    Links(storage::Database& database, PasswordHasher& hasher, const Clock& clock)
        : database_(database), hasher_(hasher), clock_(clock) {}

    // A token for the first owner; replaces an earlier one. Nothing when a tenant exists already.
    std::optional<std::string> issueFirstOwner();
    // Makes the tenant and its owner. NotFound "link_expired" when the token is unknown, used or too old.
    User redeemFirstOwner(const std::string& token, const TenantInput& tenant, const NewOwner& owner);

    // A token with which the user chooses a password; earlier ones of the user stop working. Needs ManageUsers.
    std::string issueSetPassword(const CallContext& context, const UserId& user);
    User redeemSetPassword(const std::string& token, std::string_view password);

    // A token with which the user, active or not, may have their connected accounts erased; replaces an earlier one.
    // Needs ManageUsers.
    std::string issueErase(const CallContext& context, const UserId& user);
    // Whose it is. NotFound "erasure_link_expired". It goes on to work until it is spent, so that a failure can be
    // repeated.
    User bearerOfErase(const std::string& token);
    void spendErase(const std::string& token);

    // A tenant with its owner, without a link: for the demo and for the command line.
    User createTenant(const std::string& via, const TenantInput& tenant, const NewOwner& owner);

private:
    std::string issue(const CallContext& context, const UserId& user, std::string_view purpose);

    storage::Database& database_;
    PasswordHasher& hasher_;
    const Clock& clock_;
};

}  // namespace portico::identity
