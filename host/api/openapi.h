// SPDX-License-Identifier: Apache-2.0
// The OpenAPI file as built into the program, so that every installation describes exactly what it does. Thread-safe.
#pragma once

#include <string_view>

namespace portico::api {

std::string_view openApiText();

}  // namespace portico::api
