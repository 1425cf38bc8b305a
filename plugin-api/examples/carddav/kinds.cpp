// SPDX-License-Identifier: Apache-2.0
#include "kinds.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace carddav {

namespace {

struct TypeWord {
    const char* type;  // of a vCard
    const char* set;   // of a contact's entry
    const char* word;
};
constexpr std::array kTypeWords = {
    TypeWord{"home", "contexts", "private"}, TypeWord{"work", "contexts", "work"},
    TypeWord{"cell", "features", "mobile"},  TypeWord{"fax", "features", "fax"},
    TypeWord{"pager", "features", "pager"},  TypeWord{"main", "features", "main-number"}};

// The components of ADR by place; two of its seven parts have no counterpart and stay as they are.
constexpr std::array<const char*, 7> kAddress = {"postOfficeBox", "",         "name",   "locality",
                                                 "region",        "postcode", "country"};

Json readAs(const char* name, const std::string& text) { return text.empty() ? Json::object() : Json{{name, text}}; }

void writeText(const Json& entry, const char* name, Property& property) {
    const std::string wanted = textOf(entry, name);
    if (unescapeText(property.value) != wanted) property.setValue(escapeText(wanted));
}

Json readEmail(const Property& property) { return readAs("address", unescapeText(property.value)); }
void writeEmail(const Json& entry, Property& property) { writeText(entry, "address", property); }

Json readPhone(const Property& property) {
    const std::string text = unescapeText(property.value);
    return readAs("number", text.starts_with("tel:") ? text.substr(4) : text);
}
void writePhone(const Json& entry, Property& property) {
    const std::string wanted = textOf(entry, "number");
    if (textOf(readPhone(property), "number") == wanted) return;
    property.setParam("VALUE", "");  // a URI may hold no spaces; text may hold any number
    property.setValue(escapeText(wanted));
}

// URIs are not escaped, but many programs do.
Json readLink(const Property& property) { return readAs("uri", unescapeText(property.value)); }
void writeLink(const Json& entry, Property& property) {
    if (unescapeText(property.value) != textOf(entry, "uri")) property.setValue(textOf(entry, "uri"));
}

Json readNote(const Property& property) { return readAs("note", unescapeText(property.value)); }
void writeNote(const Json& entry, Property& property) { writeText(entry, "note", property); }

Json readTitle(const Property& property) { return readAs("name", unescapeText(property.value)); }
void writeTitle(const Json& entry, Property& property) { writeText(entry, "name", property); }

Json readNickname(const Property& property) {
    std::string joined;
    for (const std::string& one : splitEscaped(property.value, ','))
        joined += (joined.empty() ? "" : ", ") + unescapeText(one);
    return readAs("name", joined);
}
void writeNickname(const Json& entry, Property& property) {
    const std::string wanted = textOf(entry, "name");
    if (textOf(readNickname(property), "name") != wanted) property.setValue(escapeText(wanted));
}

// ORG is "name;department;…": departments have no place in our contacts and stay.
Json readOrganization(const Property& property) {
    return readAs("name", unescapeText(splitEscaped(property.value, ';').front()));
}
void writeOrganization(const Json& entry, Property& property) {
    auto parts = splitEscaped(property.value, ';');
    if (unescapeText(parts.front()) == textOf(entry, "name")) return;
    std::string value = escapeText(textOf(entry, "name"));
    for (std::size_t i = 1; i < parts.size(); ++i) value += ";" + parts[i];
    property.setValue(std::move(value));
}

Json readAddress(const Property& property) {
    const auto parts = splitEscaped(property.value, ';');
    Json components = Json::array();
    for (std::size_t i = 0; i < parts.size() && i < kAddress.size(); ++i) {
        const std::string text = unescapeText(parts[i]);
        if (*kAddress[i] != '\0' && !text.empty()) components.push_back({{"kind", kAddress[i]}, {"value", text}});
    }
    return components.empty() ? Json::object() : Json{{"components", std::move(components)}};
}
void writeAddress(const Json& entry, Property& property) {
    auto parts = splitEscaped(property.value, ';');
    parts.resize(kAddress.size());
    const bool in_parts = member(entry, "components").is_array() && !entry["components"].empty();
    bool changed = false;
    for (std::size_t i = 0; i < kAddress.size(); ++i) {
        if (*kAddress[i] == '\0') continue;
        const std::string whole = std::string_view(kAddress[i]) == "name" ? textOf(entry, "full") : "";
        const std::string wanted = in_parts ? component(entry, kAddress[i]) : whole;
        if (unescapeText(parts[i]) == wanted) continue;
        parts[i] = escapeText(wanted);
        changed = true;
    }
    if (!changed) return;
    std::string value;
    for (const std::string& part : parts) value += (&part == parts.data() ? "" : ";") + part;
    property.setParam("LABEL", "");  // the address as one text, which would now be wrong
    property.setValue(std::move(value));
}

constexpr std::array kAll = {
    Kind{"NICKNAME", "nicknames", 'k', false, readNickname, writeNickname},
    Kind{"ORG", "organizations", 'o', false, readOrganization, writeOrganization},
    Kind{"TITLE", "titles", 't', false, readTitle, writeTitle},
    Kind{"EMAIL", "emails", 'e', true, readEmail, writeEmail},
    Kind{"TEL", "phones", 'p', true, readPhone, writePhone},
    Kind{"ADR", "addresses", 'a', true, readAddress, writeAddress},
    Kind{"URL", "links", 'l', true, readLink, writeLink},
    Kind{"NOTE", "notes", 'n', false, readNote, writeNote},
};

}  // namespace

std::span<const Kind> kinds() { return kAll; }

Json readTypes(const Property& property) {
    Json out = Json::object();
    const auto types = property.types();
    for (const TypeWord& known : kTypeWords)
        if (std::ranges::find(types, known.type) != types.end()) out[known.set][known.word] = true;
    return out;
}

// TYPE holds more than we know (PREF, VOICE, INTERNET): that stays.
void writeTypes(const Json& entry, Property& property) {
    auto types = property.types();
    bool changed = false;
    for (const TypeWord& known : kTypeWords) {
        const bool wanted = member(member(entry, known.set), known.word) == Json(true);
        const auto found = std::ranges::find(types, known.type);
        if (wanted == (found != types.end())) continue;
        changed = true;
        if (wanted)
            types.emplace_back(known.type);
        else
            types.erase(found);
    }
    if (changed) property.setTypes(types);
}

const Json& member(const Json& object, const char* name) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
}

std::string textOf(const Json& object, const char* name) {
    const Json& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : "";
}

std::string component(const Json& holder, const char* kind) {
    std::string joined;
    const Json& components = member(holder, "components");
    if (!components.is_array()) return joined;
    for (const Json& part : components)
        if (textOf(part, "kind") == kind) joined += (joined.empty() ? "" : " ") + textOf(part, "value");
    return joined;
}

}  // namespace carddav
