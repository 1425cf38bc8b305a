// SPDX-License-Identifier: Apache-2.0
#include "card.h"

#include "kinds.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace carddav {

namespace {

// N is "surname;given;additional;prefix;suffix".
constexpr std::array<const char*, 5> kName = {"surname", "given", "given2", "title", "generation"};
// The order in which people read them.
constexpr std::array<std::size_t, 5> kReading = {3, 1, 2, 0, 4};

std::array<std::string, 5> nameParts(const VCard& card) {
    std::array<std::string, 5> out;
    const Property* name = card.find("N");
    if (name == nullptr) return out;
    const auto parts = splitEscaped(name->value, ';');
    for (std::size_t i = 0; i < parts.size() && i < out.size(); ++i)
        for (const std::string& one : splitEscaped(parts[i], ','))
            if (!one.empty()) out[i] += (out[i].empty() ? "" : " ") + unescapeText(one);
    return out;
}

std::string spoken(const std::array<std::string, 5>& parts) {
    std::string text;
    for (const std::size_t at : kReading)
        if (!parts[at].empty()) text += (text.empty() ? "" : " ") + parts[at];
    return text;
}

Json readName(const VCard& card) {
    Json name = Json::object();
    if (const Property* full = card.find("FN"); full != nullptr && !full->value.empty())
        name["full"] = unescapeText(full->value);
    const auto parts = nameParts(card);
    Json components = Json::array();
    for (const std::size_t at : kReading)
        if (!parts[at].empty()) components.push_back({{"kind", kName[at]}, {"value", parts[at]}});
    if (!components.empty()) name["components"] = std::move(components);
    return name;
}

// FN must not be empty (RFC 6350 section 6.2.1), so something is found to call the card by.
std::string callable(const Json& contact) {
    for (const auto& [map, text] : {std::pair("organizations", "name"), std::pair("emails", "address"),
                                    std::pair("phones", "number"), std::pair("nicknames", "name")}) {
        const Json& entries = member(contact, map);
        if (entries.is_object() && !entries.empty())
            if (const std::string found = textOf(entries.front(), text); !found.empty()) return found;
    }
    return "?";
}

void applyName(const Json& contact, VCard& card) {
    const Json& name = member(contact, "name");
    std::array<std::string, 5> wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = component(name, kName[i]);
    if (const std::string credential = component(name, "credential"); !credential.empty())
        wanted[4] += (wanted[4].empty() ? "" : " ") + credential;
    const bool new_parts = wanted != nameParts(card);
    if (new_parts || card.find("N") == nullptr) {
        std::string value;
        for (const std::string& part : wanted) value += (&part == wanted.data() ? "" : ";") + escapeText(part);
        card.require("N").setValue(std::move(value));
    }
    Property& shown = card.require("FN");
    const std::string before = unescapeText(shown.value), given = textOf(name, "full");
    // Whoever changed the parts alone means the whole to follow.
    std::string full =
        given.empty() || (new_parts && given == before && !spoken(wanted).empty()) ? spoken(wanted) : given;
    if (full.empty()) full = callable(contact);
    if (full != before) shown.setValue(escapeText(full));
}

// Dates as the two versions write them: 1985-04-12, 19850412, --0412, 1985-04; a time is not looked at.
Json readDate(const Property& property) {
    std::string text = property.value.substr(0, property.value.find('T'));
    const bool no_year = text.starts_with("--");
    std::erase(text, '-');
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return Json::object();
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = 0;
        if (at + count <= text.size()) std::from_chars(text.data() + at, text.data() + at + count, value);
        return value;
    };
    const int year = no_year ? 0 : number(0, 4);
    const std::size_t rest = no_year ? 0 : 4;
    Json date = Json::object();
    // Apple's way to say "no year" in version 3.
    if (year != 0 && property.param("X-APPLE-OMIT-YEAR") != std::to_string(year)) date["year"] = year;
    if (const int month = number(rest, 2); month >= 1 && month <= 12) date["month"] = month;
    if (const int day = number(rest + 2, 2); day >= 1 && day <= 31) date["day"] = day;
    return date;
}

void writeDate(const Json& date, bool version4, Property& property) {
    if (readDate(property) == date) return;
    const auto part = [&](const char* name) {
        return member(date, name).is_number_integer() ? date[name].get<int>() : 0;
    };
    constexpr int kOmitted = 1604;
    const bool omit = part("year") == 0 && !version4;
    char text[32];
    if (part("year") == 0 && version4)
        std::snprintf(text, sizeof text, "--%02d%02d", part("month"), part("day"));
    else
        std::snprintf(text, sizeof text, version4 ? "%04d%02d%02d" : "%04d-%02d-%02d", omit ? kOmitted : part("year"),
                      part("month"), part("day"));
    property.setParam("X-APPLE-OMIT-YEAR", omit ? std::to_string(kOmitted) : "");
    property.setParam("VALUE", "");
    property.setValue(text);
}

void applyBirthday(const Json& contact, VCard& card) {
    std::optional<Json> wanted;
    if (const Json& all = member(contact, "anniversaries"); all.is_object())
        for (const Json& one : all)
            if (!wanted && textOf(one, "kind") == "birth") wanted = member(one, "date");
    const auto have = std::ranges::find_if(card.properties, [](const Property& one) { return one.name == "BDAY"; });
    // A date we cannot read is nobody's to remove, and a partial one has no form in every version.
    const bool readable = have == card.properties.end() || !readDate(*have).empty();
    if (wanted && member(*wanted, "month").is_number_integer() && member(*wanted, "day").is_number_integer())
        writeDate(*wanted, card.isVersion4(), card.require("BDAY"));
    else if (!wanted && readable && have != card.properties.end())
        card.remove(static_cast<std::size_t>(have - card.properties.begin()));
}

// What came in another coding than text (quoted-printable, base64) is kept and not shown.
bool isOf(const Property& property, const Kind& kind) {
    return property.name == kind.property && property.param("ENCODING").empty() && !kind.read(property).empty();
}

Json readEntry(const VCard& card, const Property& property, const Kind& kind) {
    Json entry = kind.read(property);
    if (!kind.labelled) return entry;
    entry.update(readTypes(property));
    if (const std::string label = card.label(property); !label.empty()) entry["label"] = label;
    return entry;
}

using Entries = std::vector<std::pair<std::string, Json>>;

// "e2" before "e10".
Entries inOrder(const Json& map) {
    Entries entries;
    if (map.is_object())
        for (const auto& [key, value] : map.items()) entries.emplace_back(key, value);
    std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
        return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
    });
    return entries;
}

// The place among the properties that a key such as "e2" was made from.
std::size_t placeOf(const std::string& key, std::size_t fallback) {
    std::size_t number = 0;
    const auto [end, error] =
        std::from_chars(key.data() + std::min<std::size_t>(1, key.size()), key.data() + key.size(), number);
    return error == std::errc() && end == key.data() + key.size() && number > 0 ? number - 1 : fallback;
}

// Each entry starts from the property it came from, so that what we do not know of it stays: first one that already has
// the value, then the one at the same place, then a fresh one. Properties that no entry claims go.
void applyKind(const Json& contact, const Kind& kind, VCard& card) {
    std::vector<std::size_t> have;
    for (std::size_t at = 0; at < card.properties.size(); ++at)
        if (isOf(card.properties[at], kind)) have.push_back(at);
    Entries entries = inOrder(member(contact, kind.map));
    std::erase_if(entries, [&](const auto& one) {  // nothing that a property could hold
        Property tried{"", kind.property, {}, "", ""};
        kind.write(one.second, tried);
        return kind.read(tried).empty();
    });
    std::vector<std::optional<std::size_t>> place(entries.size());
    std::vector<bool> taken(have.size());
    for (std::size_t i = 0; i < entries.size(); ++i)
        for (std::size_t at = 0; at < have.size() && !place[i]; ++at) {
            Property tried = card.properties[have[at]];
            kind.write(entries[i].second, tried);
            if (taken[at] || !tried.sameAs(card.properties[have[at]])) continue;
            taken[at] = true;
            place[i] = have[at];
        }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::size_t at = placeOf(entries[i].first, i);
        if (!place[i] && at < have.size() && !taken[at]) {
            taken[at] = true;
            place[i] = have[at];
        }
        if (!place[i]) {
            card.properties.push_back({"", kind.property, {}, "", ""});
            place[i] = card.properties.size() - 1;
        }
        kind.write(entries[i].second, card.properties[*place[i]]);
        if (!kind.labelled) continue;
        writeTypes(entries[i].second, card.properties[*place[i]]);
        card.setLabel(*place[i], textOf(entries[i].second, "label"));
    }
    for (std::size_t at = 0; at < have.size(); ++at)
        if (!taken[at]) card.remove(have[at]);
}

}  // namespace

Json toContact(const VCard& card) {
    Json contact = {{"@type", "Card"}, {"version", "1.0"}, {"kind", "individual"}};
    if (Json name = readName(card); !name.empty()) contact["name"] = std::move(name);
    for (const Kind& kind : kinds()) {
        std::size_t number = 0;
        for (const Property& property : card.properties)
            if (isOf(property, kind))
                contact[kind.map][kind.letter + std::to_string(++number)] = readEntry(card, property, kind);
    }
    if (const Property* birthday = card.find("BDAY"))
        if (Json date = readDate(*birthday); !date.empty())
            contact["anniversaries"]["b1"] = {{"kind", "birth"}, {"date", std::move(date)}};
    return contact;
}

void applyContact(const Json& contact, VCard& card) {
    applyName(contact, card);
    for (const Kind& kind : kinds()) applyKind(contact, kind, card);
    applyBirthday(contact, card);
}

}  // namespace carddav
