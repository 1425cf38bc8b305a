// SPDX-License-Identifier: Apache-2.0
// Reads the smaller parts of plugin.json; see manifest.h. Each function reads one item, given its JSON path for errors
// and what was read before it. Thread-safe functions.
#pragma once

#include "host/manifest/manifest.h"
#include "host/manifest/reader.h"

namespace portico::manifest {

bool isName(const std::string& text);  // a lower-case word by which other parts refer to this one

// A JSON Schema of the supported profile; {"type":"object"} when the member is absent.
Json readSchema(const Reader& in, std::string_view member);

RecordAccess readRecord(const Json& item, const std::string& path);
Provenance readProvenance(const Json& item, const std::string& path);
Stream readStream(const Json& item, const std::string& path, const Manifest& manifest);
Action readAction(const Json& item, const std::string& path, const Manifest& manifest);
Contribution readContribution(const Json& item, const std::string& path, const Manifest& manifest);
Webhook readWebhook(const Json& item, const std::string& path, const Manifest& manifest);
Availability readAvailability(const Json& item, const std::string& path, const Manifest& manifest);
void checkScopeSetting(const Connection& connection, const std::string& path, const Json& settings);

}  // namespace portico::manifest
