// SPDX-License-Identifier: Apache-2.0
// A person who signs in. The repository is confined to the transaction it is given. Invariants: an address belongs to
// one user of the installation; a tenant keeps at least one active owner; only an owner makes or unmakes owners; a
// changed password or a deactivated user has no session left.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/identity/permissions.h"
#include "host/storage/tx.h"

namespace portico::identity {

struct UserInput {
    std::string email;
    std::string name;
    Role role = Role::Staff;
    bool active = true;
};

struct User {
    UserId id;
    TenantId tenant;
    std::int64_t version = 0;
    std::string email, name;
    Role role = Role::Staff;
    bool active = true;
    bool has_password = false;
    std::optional<Instant> last_sign_in_at;
};

class Users {
public:
    Users(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}

    // `password_hash` from PasswordHasher::hash, or nothing: the person then gets a link (links.h).
    User create(const CallContext& context, const UserInput& input, std::optional<std::string> password_hash);
    User get(const CallContext& context, const UserId& id);
    std::vector<User> list(const CallContext& context);
    User update(const CallContext& context, const UserId& id, std::optional<std::int64_t> expected_version,
                const UserInput& input);
    // Ends the user's sessions except `keep_session` (the one in which they changed it), and lifts any throttling.
    void setPasswordHash(const CallContext& context, const UserId& id, const std::string& hash,
                         const std::string& keep_session = "");

private:
    Role roleOf(const CallContext& context);
    void checkRights(const CallContext& context, Role touched);
    void keepAnOwner();

    storage::Tx& tx_;
    Instant now_;
};

Json toJson(const User& user);
UserInput userInput(const Json& json);

}  // namespace portico::identity
