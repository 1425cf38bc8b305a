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

std::vector<std::string> listOf(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream text(line.substr(line.find('[') + 1, line.find(']') - line.find('[') - 1));
    for (std::string word; std::getline(text, word, ',');) words.push_back(word.substr(word.find_first_not_of(' ')));
    return words;
}

std::string schemaIn(const std::string& line) {
    static constexpr std::string_view kMark = "#/components/schemas/";
    const std::size_t at = line.find(kMark);
    if (at == std::string::npos) return "";
    const std::size_t from = at + kMark.size();
    return line.substr(from, line.find('\'', from) - from);
}

}  // namespace

std::map<std::string, DocumentedSchema> readSchemas(std::string_view yaml) {
    std::map<std::string, DocumentedSchema> schemas;
    std::istringstream lines{std::string(yaml)};
    DocumentedSchema* schema = nullptr;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        const std::size_t indent = indentOf(line);
        const std::string key = line.substr(indent, line.find(':', indent) - indent);
        if (indent == 2) inside = key == "schemas";
        if (!inside) continue;
        if (indent == 4) schema = &schemas[key];
        if (indent == 6 && key == "required") schema->required = listOf(line);
        if (indent == 6 && key == "additionalProperties") schema->open = line.find("false") == std::string::npos;
        if (indent == 8) schema->properties[key] = schemaIn(line);
    }
    return schemas;
}

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
