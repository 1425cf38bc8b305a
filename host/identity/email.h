// SPDX-License-Identifier: Apache-2.0
// E-mail addresses as account names. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace portico::identity {

// Trimmed, lower-cased (Unicode): two spellings of one address fold to the same text.
std::string foldEmail(std::string_view email);
// Throws Invalid unless it looks like name@host, without spaces or control characters.
void checkEmail(std::string_view email);

}  // namespace portico::identity
