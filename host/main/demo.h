// SPDX-License-Identifier: Apache-2.0
// The demo salon: what a newcomer finds after the first sign-in. Made once; later starts set the owner's password only
// when another one was asked for, because that ends every session.
#pragma once

#include <optional>
#include <string>

#include "host/base/call_context.h"

namespace portico::identity {
class Links;
class PasswordHasher;
}  // namespace portico::identity
namespace portico::storage {
class Database;
}

namespace portico::app {

inline constexpr const char* kDemoOwner = "owner@demo.test";

// Who made the salon, when this call made it.
std::optional<CallContext> seedDemo(storage::Database& database, identity::Links& links,
                                    identity::PasswordHasher& hasher, const Clock& clock, const std::string& password,
                                    bool password_is_new);

}  // namespace portico::app
