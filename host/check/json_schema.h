// SPDX-License-Identifier: Apache-2.0
// The published schemas (plugin-api/schemas, compiled into this program) and the part of JSON Schema 2020-12 that they
// use. A keyword that is not known here is an error, because passing over it would let through what it forbids.
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "host/base/json.h"

namespace portico::check {

// "sync-lines" → the parsed plugin-api/schemas/sync-lines.schema.json. Throws Error NotFound.
const Json& publishedSchema(std::string_view name);

// Why the value is not what the schema says, with the place ("line.record must be an object"); empty when it is.
// `part` is a pointer into the schema document ("#/$defs/change"); "#" is all of it.
std::string schemaFault(std::string_view schema, const Json& value, const std::string& place,
                        std::string_view part = "#");
std::string documentFault(const Json& document, const Json& value, const std::string& place, std::string_view part);

}  // namespace portico::check
