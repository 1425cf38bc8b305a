// SPDX-License-Identifier: Apache-2.0
// The operations of openapi.yaml, read by their indentation alone: enough to hold them against the routes. Immutable.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace portico::api::test {

struct DocumentedOperation {
    std::string role = "staff";
    bool open = false;  // security: []
    bool csrf = false;  // names the token
    bool if_match = false;
    bool idempotency = false;
};

// By "GET /contacts/{contactId}".
std::map<std::string, DocumentedOperation> readOperations(std::string_view yaml);

// By schema: "Contact" -> {"id", "version", ...}, and of each property that refers to one, that schema's name.
struct DocumentedSchema {
    std::vector<std::string> required;
    bool open = false;                              // takes members that it does not name
    std::map<std::string, std::string> properties;  // name -> schema it refers to, or ""
};
std::map<std::string, DocumentedSchema> readSchemas(std::string_view yaml);

}  // namespace portico::api::test
