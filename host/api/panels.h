// SPDX-License-Identifier: Apache-2.0
// The places of our pages where a plugin may draw, by their versioned ids. Pure.
#pragma once

#include <string_view>

namespace portico::api {

bool isUiPoint(std::string_view point);

}  // namespace portico::api
