// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/schema_profile.h"

#include <algorithm>
#include <array>

#include "host/base/error.h"
#include "host/manifest/pattern.h"
#include "host/manifest/reader.h"

namespace portico::manifest {
namespace {

constexpr int kMaxDepth = 8;  // of nested objects and lists
constexpr std::array<std::string_view, 22> kKeywords = {
    "type",      "properties", "required",    "additionalProperties",
    "enum",      "oneOf",      "minimum",     "maximum",
    "minLength", "maxLength",  "items",       "maxItems",
    "default",   "title",      "description", "examples",
    "format",    "pattern",    "writeOnly",   "$schema",
    "$id",       "$comment"};

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw Error(Code::Invalid, "bad_manifest", "plugin.json: " + path + " " + why);
}

void checkText(const Json& schema, const std::string& path) {
    for (const char* keyword : {"title", "description", "format", "pattern", "$schema", "$id", "$comment"})
        if (const Json* text = schema.find(keyword); text != nullptr && !text->isString())
            refuse(path + "." + keyword, "must be text");
    for (const char* keyword : {"minLength", "maxLength", "maxItems"})
        if (const Json* count = schema.find(keyword); count != nullptr && (!count->isInteger() || count->integer() < 0))
            refuse(path + "." + keyword, "must be a count");
    for (const char* keyword : {"minimum", "maximum"})
        if (const Json* number = schema.find(keyword); number != nullptr && !number->isNumber())
            refuse(path + "." + keyword, "must be a number");
    for (const char* keyword : {"additionalProperties", "writeOnly"})
        if (const Json* flag = schema.find(keyword); flag != nullptr && !flag->isBool())
            refuse(path + "." + keyword, "must be true or false");
    const Json* pattern = schema.find("pattern");
    if (pattern == nullptr) return;
    const std::string_view text = pattern->str();
    if (text.size() < 2 || text.front() != '^' || text.back() != '$')
        refuse(path + ".pattern", "must begin with ^ and end with $");
    try {
        static_cast<void>(Pattern(text.substr(1, text.size() - 2)));
    } catch (const Error& error) {
        refuse(path + ".pattern", std::string("cannot be used: ") + error.what());
    }
}

// oneOf is a list of {"const","title"} and nothing else: choices with names, never alternatives of shape.
void checkChoices(const Json& schema, const std::string& path) {
    const Json* values = schema.find("enum");
    if (values != nullptr && (!values->isArray() || values->items().empty()))
        refuse(path + ".enum", "must be a list of the allowed values");
    const Json* named = schema.find("oneOf");
    if (named == nullptr) return;
    if (values != nullptr) refuse(path + ".oneOf", "and enum cannot both list the allowed values");
    if (!named->isArray() || named->items().empty())
        refuse(path + ".oneOf", R"(must be a list of choices like {"const":"all","title":"All clients"})");
    for (std::size_t i = 0; i < named->items().size(); ++i) {
        const Reader choice(named->items()[i], path + ".oneOf[" + std::to_string(i) + "]", {"const", "title"});
        const Json& value = choice.get("const");
        if (!value.isString() && !value.isNumber()) choice.fail("const", "must be text or a number");
        static_cast<void>(choice.text("title", 120));
    }
}

void check(const Json& schema, const std::string& path, int depth);

void checkObject(const Json& schema, const std::string& path, int depth) {
    const Json* properties = schema.find("properties");
    if (properties != nullptr) {
        if (!properties->isObject()) refuse(path + ".properties", "must be an object of name: schema");
        for (const auto& [name, of] : properties->members()) check(of, path + ".properties." + name, depth + 1);
    }
    const Json* required = schema.find("required");
    if (required == nullptr) return;
    if (!required->isArray()) refuse(path + ".required", "must be a list of names");
    for (std::size_t i = 0; i < required->items().size(); ++i) {
        const Json& name = required->items()[i];
        if (!name.isString() || properties == nullptr || !properties->has(name.str()))
            refuse(path + ".required[" + std::to_string(i) + "]", "must name one of the properties");
    }
}

void check(const Json& schema, const std::string& path, int depth) {
    if (depth > kMaxDepth) refuse(path, "is nested too deeply");
    if (!schema.isObject()) refuse(path, "must be a JSON Schema");
    for (const auto& [keyword, meaning] : schema.members())
        if (!isProfileKeyword(keyword)) refuse(path + "." + keyword, "is no keyword that the host supports");
    const Json* type = schema.find("type");
    constexpr std::array<std::string_view, 6> kTypes = {"object", "array", "string", "integer", "number", "boolean"};
    if (type == nullptr || !type->isString() || std::find(kTypes.begin(), kTypes.end(), type->str()) == kTypes.end())
        refuse(path + ".type", "must be one of object, array, string, integer, number, boolean");
    checkChoices(schema, path);
    checkText(schema, path);
    checkObject(schema, path, depth);
    if (const Json* items = schema.find("items")) check(*items, path + ".items", depth + 1);
}

}  // namespace

bool isProfileKeyword(std::string_view keyword) {
    return std::find(kKeywords.begin(), kKeywords.end(), keyword) != kKeywords.end();
}

std::optional<std::vector<Json>> choicesOf(const Json& schema) {
    if (const Json* values = schema.find("enum")) return values->items();
    const Json* named = schema.find("oneOf");
    if (named == nullptr) return std::nullopt;
    std::vector<Json> values;
    for (const Json& choice : named->items()) values.push_back(choice.at("const"));
    return values;
}

void checkProfile(const Json& schema, const std::string& path) {
    check(schema, path, 0);
    if (schema.getStr("type") != "object") refuse(path + ".type", "must be object");
}

}  // namespace portico::manifest
