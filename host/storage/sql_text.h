// SPDX-License-Identifier: Apache-2.0
// Numbers the parameters of a statement. SQLite would give ":tenant" the same number as a "?1" that follows it, so the
// name becomes the number after the highest argument. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace portico::storage {

struct SqlText {
    std::string text;      // with ":tenant" replaced
    int arguments = 0;     // the highest ?N
    int tenant_index = 0;  // the parameter number of :tenant; 0 when the statement has none
};

// Throws Internal for a "?" without a number, which would silently shift the others.
SqlText numberParameters(std::string_view sql);

}  // namespace portico::storage
