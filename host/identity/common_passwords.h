// SPDX-License-Identifier: Apache-2.0
// The passwords that everyone tries first. Immutable; thread-safe.
#pragma once

#include <string_view>

namespace portico::identity {

// `folded` is lower case. Shorter ones than a password may be are not in the list.
bool isCommonPassword(std::string_view folded);

}  // namespace portico::identity
