// SPDX-License-Identifier: Apache-2.0
// The demo salon: what a newcomer finds after the first sign-in. Made once; later starts only set the owner's password to
// the one that is printed.
#pragma once

#include <string>

#include "host/base/clock.h"

namespace portico::identity {
class Links;
class PasswordHasher;
}
namespace portico::storage {
class Database;
}

namespace portico::app {

inline constexpr const char* kDemoOwner = "owner@demo.test";

void seedDemo(storage::Database& database, identity::Links& links, identity::PasswordHasher& hasher, const Clock& clock,
              const std::string& password);

}  // namespace portico::app
