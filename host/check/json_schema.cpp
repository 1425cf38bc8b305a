// SPDX-License-Identifier: Apache-2.0
#include "host/check/json_schema.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <map>

#include "host/base/error.h"
#include "host/check/schema_texts.h"

namespace portico::check {
namespace {

constexpr std::array kKnown = {"type",
                               "properties",
                               "required",
                               "additionalProperties",
                               "enum",
                               "const",
                               "oneOf",
                               "anyOf",
                               "allOf",
                               "not",
                               "if",
                               "then",
                               "else",
                               "$ref",
                               "$defs",
                               "items",
                               "prefixItems",
                               "minItems",
                               "maxItems",
                               "minimum",
                               "maximum",
                               "pattern",
                               "minLength",
                               "maxLength",
                               "uniqueItems",
                               "propertyNames",
                               "format",
                               "default",
                               "examples",
                               "title",
                               "description",
                               "$schema",
                               "$id",
                               "$comment",
                               "minProperties",
                               "maxProperties",
                               "dependentRequired",
                               "exclusiveMinimum",
                               "deprecated"};

bool hasType(const Json& value, const std::string& type) {
    if (type == "object") return value.isObject();
    if (type == "array") return value.isArray();
    if (type == "string") return value.isString();
    if (type == "integer") return value.isInteger();
    if (type == "number") return value.isNumber();
    if (type == "boolean") return value.isBool();
    return type == "null" && value.isNull();
}

// POSIX knows no \xNN: they become the characters themselves.
bool fits(const std::string& pattern, const std::string& text) {
    std::string posix;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern.compare(at, 2, "\\x") == 0 && at + 3 < pattern.size()) {
            posix += static_cast<char>(std::stoi(pattern.substr(at + 2, 2), nullptr, 16));
            at += 3;
        } else {
            posix += pattern[at];
        }
    }
    regex_t compiled;
    if (::regcomp(&compiled, posix.c_str(), REG_EXTENDED | REG_NOSUB) != 0)
        throw Error(Code::Internal, "bad_schema", "a published schema has an unreadable pattern: " + pattern);
    const bool matches = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    ::regfree(&compiled);
    return matches;
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

class Validator {
public:
    explicit Validator(const Json& document) : document_(document) {}

    const Json& resolve(std::string_view pointer) const {
        const Json* at = &document_;
        for (std::string_view rest = pointer.substr(std::min<std::size_t>(pointer.size(), 2)); !rest.empty();) {
            const std::size_t end = rest.find('/');
            at = &at->at(rest.substr(0, end));
            rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
        }
        return *at;
    }

    std::string fault(const Json& schema, const Json& value, const std::string& place) const {
        if (schema.isBool()) return schema.boolean() ? "" : place + " must be left out";
        for (const auto& [keyword, meaning] : schema.members()) {
            if (std::find(kKnown.begin(), kKnown.end(), keyword) == kKnown.end())
                throw Error(Code::Internal, "bad_schema", "a published schema uses '" + keyword + "', unknown here");
            if (std::string found = one(keyword, meaning, schema, value, place); !found.empty()) return found;
        }
        return "";
    }

private:
    std::string one(const std::string& keyword, const Json& meaning, const Json& schema, const Json& value,
                    const std::string& place) const {
        if (keyword == "$ref") return fault(resolve(meaning.str()), value, place);
        if (keyword == "type") return type(meaning, value, place);
        if (keyword == "enum")
            return std::find(meaning.items().begin(), meaning.items().end(), value) != meaning.items().end()
                       ? ""
                       : place + " must be one of " + meaning.dump();
        if (keyword == "const") return meaning == value ? "" : place + " must be " + meaning.dump();
        if (keyword == "oneOf" || keyword == "anyOf") return choice(keyword, meaning, value, place);
        if (keyword == "not") return fault(meaning, value, place).empty() ? place + " is what it must not be" : "";
        if (keyword == "if") {
            const Json* branch = schema.find(fault(meaning, value, place).empty() ? "then" : "else");
            return branch == nullptr ? "" : fault(*branch, value, place);
        }
        if (keyword == "allOf") {
            for (const Json& each : meaning.items())
                if (std::string found = fault(each, value, place); !found.empty()) return found;
            return "";
        }
        if (value.isObject()) return object(keyword, meaning, schema, value, place);
        if (value.isArray()) return array(keyword, meaning, value, place);
        if (value.isString()) return text(keyword, meaning, value.str(), place);
        if (value.isNumber()) {
            if (keyword == "minimum" && value.number() < meaning.number())
                return place + " must be at least " + meaning.dump();
            if (keyword == "exclusiveMinimum" && value.number() <= meaning.number())
                return place + " must be more than " + meaning.dump();
            if (keyword == "maximum" && value.number() > meaning.number())
                return place + " must be at most " + meaning.dump();
        }
        return "";
    }

    static std::string type(const Json& meaning, const Json& value, const std::string& place) {
        if (meaning.isString()) return hasType(value, meaning.str()) ? "" : place + " must be of type " + meaning.str();
        const auto& types = meaning.items();
        const bool any =
            std::any_of(types.begin(), types.end(), [&](const Json& each) { return hasType(value, each.str()); });
        return any ? "" : place + " must be of a type of " + meaning.dump();
    }

    // For the words: the alternative that says the same "op" or "type" is the one that was meant.
    std::string choice(const std::string& keyword, const Json& meaning, const Json& value,
                       const std::string& place) const {
        std::string closest, any;
        int fitting = 0;
        for (const Json& each : meaning.items()) {
            const std::string found = fault(each, value, place);
            if (found.empty()) ++fitting;
            if (found.find(".op must be") == std::string::npos && found.find(".type must be") == std::string::npos)
                closest = found;
            any = found;
        }
        if (fitting == 1 || (fitting > 1 && keyword == "anyOf")) return "";
        if (fitting > 1) return place + " fits several alternatives at once";
        return closest.empty() ? any : closest;
    }

    std::string object(const std::string& keyword, const Json& meaning, const Json& schema, const Json& value,
                       const std::string& place) const {
        if (keyword == "required") {
            for (const Json& name : meaning.items())
                if (!value.has(name.str())) return place + "." + name.str() + " must be given";
        } else if (keyword == "properties") {
            for (const auto& [name, each] : meaning.members())
                if (const Json* member = value.find(name))
                    if (std::string found = fault(each, *member, place + "." + name); !found.empty()) return found;
        } else if (keyword == "additionalProperties") {
            const Json* properties = schema.find("properties");
            for (const auto& [name, member] : value.members()) {
                if (properties != nullptr && properties->has(name)) continue;
                if (meaning.isBool() && !meaning.boolean()) return place + "." + name + " is not known";
                if (std::string found = fault(meaning, member, place + "." + name); !found.empty()) return found;
            }
        } else if (keyword == "propertyNames") {
            for (const auto& [name, member] : value.members())
                if (std::string found = fault(meaning, Json(name), "the name " + place + "." + name); !found.empty())
                    return found;
        } else if (keyword == "dependentRequired") {
            for (const auto& [name, names] : meaning.members())
                if (value.has(name))
                    for (const Json& other : names.items())
                        if (!value.has(other.str())) return place + "." + other.str() + " must be given with " + name;
        } else if (keyword == "minProperties" && std::cmp_less(value.members().size(), meaning.integer())) {
            return place + " must have at least " + meaning.dump() + " members";
        } else if (keyword == "maxProperties" && std::cmp_greater(value.members().size(), meaning.integer())) {
            return place + " must have at most " + meaning.dump() + " members";
        }
        return "";
    }

    std::string array(const std::string& keyword, const Json& meaning, const Json& value,
                      const std::string& place) const {
        const auto& items = value.items();
        if (keyword == "items") {
            for (std::size_t i = 0; i < items.size(); ++i)
                if (std::string found = fault(meaning, items[i], place + "[" + std::to_string(i) + "]"); !found.empty())
                    return found;
        } else if (keyword == "minItems" && std::cmp_less(items.size(), meaning.integer())) {
            return place + " must have at least " + meaning.dump() + " items";
        } else if (keyword == "maxItems" && std::cmp_greater(items.size(), meaning.integer())) {
            return place + " must have at most " + meaning.dump() + " items";
        } else if (keyword == "uniqueItems" && meaning.boolean()) {
            for (std::size_t i = 0; i < items.size(); ++i)
                if (std::find(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(i), items[i]) !=
                    items.begin() + static_cast<std::ptrdiff_t>(i))
                    return place + " must name nothing twice";
        }
        return "";
    }

    static std::string text(const std::string& keyword, const Json& meaning, const std::string& value,
                            const std::string& place) {
        if (keyword == "pattern" && !fits(meaning.str(), value)) return place + " must match " + meaning.str();
        if (keyword == "minLength" && std::cmp_less(characters(value), meaning.integer()))
            return place + " must have at least " + meaning.dump() + " characters";
        if (keyword == "maxLength" && std::cmp_greater(characters(value), meaning.integer()))
            return place + " must have at most " + meaning.dump() + " characters";
        return "";
    }

    const Json& document_;
};

}  // namespace

const Json& publishedSchema(std::string_view name) {
    static const std::map<std::string, Json, std::less<>> kAll = [] {
        std::map<std::string, Json, std::less<>> all;
        for (const auto& [key, text] : kSchemaTexts) all.emplace(key, Json::parse(text));
        return all;
    }();
    const auto found = kAll.find(name);
    if (found == kAll.end()) throw Error(Code::NotFound, "no_schema", "no schema is called " + std::string(name));
    return found->second;
}

std::string documentFault(const Json& document, const Json& value, const std::string& place, std::string_view part) {
    const Validator validator(document);
    return validator.fault(validator.resolve(part), value, place);
}

std::string schemaFault(std::string_view schema, const Json& value, const std::string& place, std::string_view part) {
    return documentFault(publishedSchema(schema), value, place, part);
}

}  // namespace portico::check
