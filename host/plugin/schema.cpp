// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/schema.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/manifest/pattern.h"
#include "host/manifest/schema_profile.h"
#include "host/manifest/url.h"

namespace portico::plugin {
namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& wanted) {
    throw Error(Code::Invalid, "bad_value", place + " must be " + wanted);
}

bool hasType(const Json& value, const std::string& type) {
    if (type == "object") return value.isObject();
    if (type == "array") return value.isArray();
    if (type == "string") return value.isString();
    if (type == "integer") return value.isInteger();
    if (type == "number") return value.isNumber();
    if (type == "boolean") return value.isBool();
    return type == "null" && value.isNull();
}

// Characters, as a person counts them: bytes that do not continue a UTF-8 sequence.
std::int64_t length(const std::string& text) {
    return std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; });
}

void checkObject(const Json& schema, const Json& value, const std::string& place) {
    if (const Json* required = schema.find("required"))
        for (const Json& name : required->items())
            if (!value.has(name.str())) refuse(place + "." + name.str(), "given");
    const Json* properties = schema.find("properties");
    for (const auto& [name, member] : value.members()) {
        const Json* of = properties != nullptr ? properties->find(name) : nullptr;
        if (of != nullptr)
            checkAgainst(*of, member, place + "." + name);
        else if (!schema.getBool("additionalProperties", true))
            refuse(place + "." + name, "left out: it is not known here");
    }
}

void checkArray(const Json& schema, const Json& value, const std::string& place) {
    if (const Json* most = schema.find("maxItems");
        most != nullptr && std::cmp_greater(value.items().size(), most->integer()))
        refuse(place, "at most " + std::to_string(most->integer()) + " items long");
    const Json* items = schema.find("items");
    if (items == nullptr) return;
    for (std::size_t i = 0; i < value.items().size(); ++i)
        checkAgainst(*items, value.items()[i], place + "[" + std::to_string(i) + "]");
}

// JSON Schema's patterns are unanchored; ours must say ^...$ and stay in the linear subset of manifest::Pattern.
void checkPattern(const std::string& pattern, const Json& value, const std::string& place) {
    if (pattern.size() < 2 || pattern.front() != '^' || pattern.back() != '$')
        throw Error(Code::Invalid, "bad_schema",
                    "the schema of " + place + " has a pattern that is not anchored with ^ and $");
    if (!manifest::Pattern(std::string_view(pattern).substr(1, pattern.size() - 2)).matches(value.str()))
        refuse(place, "of the form " + pattern);
}

void checkScalar(const Json& schema, const Json& value, const std::string& place) {
    if (value.isNumber()) {
        if (const Json* least = schema.find("minimum"); least != nullptr && value.number() < least->number())
            refuse(place, "at least " + least->dump());
        if (const Json* most = schema.find("maximum"); most != nullptr && value.number() > most->number())
            refuse(place, "at most " + most->dump());
    }
    if (value.isString()) {
        if (length(value.str()) < schema.getInt("minLength", 0))
            refuse(place, "at least " + std::to_string(schema.getInt("minLength")) + " characters long");
        if (const Json* most = schema.find("maxLength"); most != nullptr && length(value.str()) > most->integer())
            refuse(place, "at most " + std::to_string(most->integer()) + " characters long");
        if (const Json* pattern = schema.find("pattern")) checkPattern(pattern->str(), value, place);
        // Nothing chosen yet is an answer too.
        if (schema.getStr("format") == "server" && !value.str().empty() && !manifest::isServer(value.str()))
            refuse(place, "a server's name such as dav.example.org, with :port if it is not 443, and nothing else");
    }
}

}  // namespace

void checkAgainst(const Json& schema, const Json& value, const std::string& place) {
    if (!schema.isObject()) return;  // no schema: anything goes
    for (const auto& [keyword, meaning] : schema.members())
        if (!manifest::isProfileKeyword(keyword))
            throw Error(Code::Invalid, "bad_schema",
                        "the schema of " + place + " uses '" + keyword + "', which is not supported");
    if (const std::string type = schema.getStr("type"); !type.empty() && !hasType(value, type))
        refuse(place, "of type " + type);
    if (const auto choices = manifest::choicesOf(schema))
        if (std::find(choices->begin(), choices->end(), value) == choices->end())
            refuse(place, "one of " + Json::array(*choices).dump());
    if (value.isObject())
        checkObject(schema, value, place);
    else if (value.isArray())
        checkArray(schema, value, place);
    else
        checkScalar(schema, value, place);
}

Json withDefaults(const Json& schema, Json value) {
    const Json* properties = schema.isObject() ? schema.find("properties") : nullptr;
    if (properties == nullptr || !value.isObject()) return value;
    for (const auto& [name, of] : properties->members()) {
        if (const Json* given = value.find(name))
            value.set(name, withDefaults(of, *given));
        else if (const Json* standard = of.isObject() ? of.find("default") : nullptr)
            value.set(name, *standard);
    }
    return value;
}

}  // namespace portico::plugin
