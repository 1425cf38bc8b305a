// SPDX-License-Identifier: Apache-2.0
#include "openapi_file.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace portico::api::test {
namespace {

std::size_t indentOf(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }

bool isMethod(const std::string& key) {
    for (const char* method : {"get", "post", "put", "patch", "delete"})
        if (key == method) return true;
    return false;
}

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

void note(DocumentedOperation& operation, const std::string& line) {
    if (line.find("x-role: ") == 6) operation.role = line.substr(14);
    if (line.find("security: []") == 6) operation.open = true;
    if (line.find("csrf: []") != std::string::npos) operation.csrf = true;
    if (line.find("parameters/ifMatch") != std::string::npos) operation.if_match = true;
    if (line.find("parameters/idempotencyKey") != std::string::npos) operation.idempotency = true;
}

}  // namespace

std::map<std::string, DocumentedOperation> readOperations(std::string_view yaml) {
    std::map<std::string, DocumentedOperation> operations;
    std::istringstream lines{std::string(yaml)};
    std::string path, line;
    DocumentedOperation* operation = nullptr;
    bool inside = false;
    while (std::getline(lines, line)) {
        if (line.empty() || line[indentOf(line)] == '#') continue;
        const std::size_t indent = indentOf(line);
        if (indent == 0) inside = line == "paths:";
        if (!inside) continue;
        const std::string key = line.substr(indent, line.find(':', indent) - indent);
        if (indent == 2) {
            path = key;
            operation = nullptr;
        } else if (indent == 4) {
            operation = isMethod(key) ? &operations[upper(key) + " " + path] : nullptr;
        } else if (operation != nullptr) {
            note(*operation, line);
        }
    }
    return operations;
}

}  // namespace portico::api::test
