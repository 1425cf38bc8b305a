// SPDX-License-Identifier: Apache-2.0
// The profile of JSON Schema that manifests use for settings and for the arguments of actions: type, properties,
// required, additionalProperties (boolean), enum, oneOf (const and title), minimum, maximum, minLength, maxLength,
// items, maxItems, default. title, description and the like are ignored; a keyword that could narrow and is not known
// here is an error, because ignoring it would let through what the author meant to refuse. Pure functions.
#pragma once

#include "host/base/json.h"

namespace portico::plugin {

// Throws Invalid "bad_value" naming the place ("settings.calendar.color") and what is wanted there.
void checkAgainst(const Json& schema, const Json& value, const std::string& place);
// The value with the schema's defaults where it says nothing (objects only, to any depth).
Json withDefaults(const Json& schema, Json value);

}  // namespace portico::plugin
