// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/card.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>

namespace portico::google {

namespace {

// Sets or, when empty, removes a text member; true when that changed anything.
bool assign(Json& item, const char* name, const std::string& value) {
    if (textOf(item, name) == value) return false;
    if (value.empty())
        item.erase(name);
    else
        item[name] = value;
    return true;
}

void assignType(Json& item, const Json& entry) {
    const std::string wanted = typeFromKind(entry), current = textOf(item, "type");
    if (typeFromKind(kindFromType(current)) == wanted) return;  // says the same in other words
    if (assign(item, "type", wanted)) item.erase("formattedType");
}

// The values of a card's components by kind; several of one kind are joined by a space.
std::map<std::string, std::string> componentsOf(const Json& holder) {
    std::map<std::string, std::string> values;
    for (const Json& part : listOf(holder, "components")) {
        std::string& value = values[textOf(part, "kind")];
        value += (value.empty() ? "" : " ") + textOf(part, "value");
    }
    return values;
}

void applyName(Json& item, const Json& name) {
    auto parts = componentsOf(name);
    const std::string full = textOf(name, "full");
    bool changed = false;
    if (parts.empty()) {
        const std::string current = textOf(item, "displayName");
        if (full == (current.empty() ? textOf(item, "unstructuredName") : current)) return;
        for (const char* part : {"honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix"})
            item.erase(part);
        item["unstructuredName"] = full;
        changed = true;
    } else {
        changed |= assign(item, "honorificPrefix", parts["title"]);
        changed |= assign(item, "givenName", parts["given"]);
        changed |= assign(item, "middleName", parts["given2"]);
        changed |= assign(item, "familyName", parts["surname"]);
        const std::string& generation = parts["generation"];
        const std::string& credential = parts["credential"];
        changed |= assign(item, "honorificSuffix",
                          generation + (generation.empty() || credential.empty() ? "" : " ") + credential);
        if (changed) item.erase("unstructuredName");
    }
    if (changed) item.erase("displayName"), item.erase("displayNameLastFirst");  // Google makes them anew
}

void applyAddress(Json& item, const Json& entry) {
    auto parts = componentsOf(entry);
    if (parts.empty()) {
        if (const std::string full = textOf(entry, "full"); full != textOf(item, "formattedValue")) {
            for (const char* part : {"streetAddress", "poBox", "city", "region", "postalCode", "country", "countryCode",
                                     "extendedAddress"}) {
                item.erase(part);
            }
            item["formattedValue"] = full;
        }
    } else {
        bool changed = assign(item, "streetAddress", parts["name"]);
        changed |= assign(item, "poBox", parts["postOfficeBox"]);
        changed |= assign(item, "city", parts["locality"]);
        changed |= assign(item, "region", parts["region"]);
        changed |= assign(item, "postalCode", parts["postcode"]);
        changed |= assign(item, "country", parts["country"]);
        changed |= assign(item, "countryCode", textOf(entry, "countryCode"));
        if (changed) item.erase("formattedValue");
    }
    assignType(item, entry);
}

using Apply = std::function<void(Json& item, const Json& entry)>;

Apply valueFrom(const char* name, bool with_kind = true) {
    return [name, with_kind](Json& item, const Json& entry) {
        if (assign(item, "value", textOf(entry, name))) item.erase("canonicalForm");
        if (with_kind) assignType(item, entry);
    };
}

using Entries = std::vector<std::pair<std::string, Json>>;

// The place in Google's list that a key such as "e2" was made from.
std::size_t placeOf(const std::string& key, std::size_t fallback) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(key.data() + 1, key.data() + key.size(), number);
    return error == std::errc() && end == key.data() + key.size() && number > 0 ? number - 1 : fallback;
}

// An item the card cannot show (an organization with a department alone) is nobody's to remove.
bool shown(const Json& item) {
    for (const char* name : {"value", "name", "title", "formattedValue", "streetAddress", "poBox", "city", "region",
                             "postalCode", "country", "countryCode", "givenName", "familyName", "middleName",
                             "displayName", "unstructuredName", "honorificPrefix", "honorificSuffix"}) {
        if (!textOf(item, name).empty()) return true;
    }
    return item.contains("date");
}

// The new list for `entries`: each starts from the item it came from, so that what we do not know of it stays. First
// the items that already say the same, then the ones at the same place, then fresh ones.
Json rebuilt(const Entries& entries, const Json& items, const Apply& apply) {
    std::vector<bool> taken(items.size(), false);
    std::vector<std::optional<Json>> result(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (std::size_t at = 0; at < items.size() && !result[i]; ++at) {
            if (taken[at]) continue;
            Json applied = items[at];
            apply(applied, entries[i].second);
            const bool same_value = items[at].contains("value") && applied["value"] == items[at]["value"];
            if (applied != items[at] && !same_value) continue;
            taken[at] = true;
            result[i] = std::move(applied);
        }
    }
    Json list = Json::array();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!result[i]) {
            const std::size_t place = placeOf(entries[i].first, i);
            const bool reuse = place < items.size() && !taken[place] && shown(items[place]);
            if (reuse) taken[place] = true;
            result[i] = reuse ? items[place] : Json::object();
            apply(*result[i], entries[i].second);
        }
        list.push_back(std::move(*result[i]));
    }
    for (std::size_t at = 0; at < items.size(); ++at) {
        if (!shown(items[at]))
            list.insert(list.begin() + static_cast<std::ptrdiff_t>(std::min(at, list.size())), items[at]);
    }
    return list;
}

// Organizations and titles are two maps of the card and one list at Google.
Entries positions(const Json& card) {
    Entries entries;
    auto titles = inOrder(member(card, "titles"));
    const auto takeTitle = [&](const std::string& organization) {
        for (auto title = titles.begin(); title != titles.end(); ++title) {
            const std::string owner = textOf(title->second, "organizationId");
            if (owner.empty() ? title->first.substr(1) != organization.substr(1) : owner != organization) continue;
            const std::string name = textOf(title->second, "name");
            titles.erase(title);
            return name;
        }
        return std::string();
    };
    for (const auto& [key, organization] : inOrder(member(card, "organizations"))) {
        entries.emplace_back(key, Json{{"name", textOf(organization, "name")}, {"title", takeTitle(key)}});
    }
    for (const auto& [key, title] : titles)
        entries.emplace_back(key, Json{{"name", ""}, {"title", textOf(title, "name")}});
    return entries;
}

void applyPosition(Json& item, const Json& entry) {
    assign(item, "name", textOf(entry, "name"));
    assign(item, "title", textOf(entry, "title"));
}

Entries births(const Json& card) {
    for (const auto& [key, anniversary] : inOrder(member(card, "anniversaries"))) {
        if (textOf(anniversary, "kind") == "birth") return {{key, member(anniversary, "date")}};
    }
    return {};
}

void applyBirth(Json& item, const Json& date) {
    Json wanted = Json::object();
    for (const char* part : {"year", "month", "day"}) {
        if (const Json& value = member(date, part); value.is_number_integer()) wanted[part] = value;
    }
    Json current = member(item, "date");
    if (current.is_object() && current.value("year", 0) == 0) current.erase("year");
    if (current == wanted) return;
    item["date"] = std::move(wanted);
    item.erase("text");
}

// Google keeps one note per contact; several of the card become its paragraphs.
Entries oneNote(const Json& card) {
    std::string text;
    for (const auto& [key, note] : inOrder(member(card, "notes"))) {
        text += (text.empty() ? "" : "\n\n") + textOf(note, "note");
    }
    if (text.empty()) return {};
    return {{"n1", {{"note", text}}}};
}

}  // namespace

Json changedFields(const Json& card, const Json& person) {
    Json changed = Json::object();
    const auto put = [&](const char* field, const Entries& entries, const Apply& apply) {
        const Json& given = member(person, field);
        const Json current = given.is_array() ? given : Json::array();
        if (Json list = rebuilt(entries, current, apply); list != current) changed[field] = std::move(list);
    };
    const auto maps = [&](const char* name) { return inOrder(member(card, name)); };

    Entries name;
    if (member(card, "name").is_object() && !card["name"].empty()) name.emplace_back("name", card["name"]);
    put("names", name, applyName);
    put("nicknames", maps("nicknames"), valueFrom("name", false));
    put("organizations", positions(card), applyPosition);
    put("emailAddresses", maps("emails"), valueFrom("address"));
    put("phoneNumbers", maps("phones"), valueFrom("number"));
    put("addresses", maps("addresses"), applyAddress);
    put("urls", maps("links"), valueFrom("uri"));
    put("biographies", oneNote(card), valueFrom("note", false));
    const auto birth = births(card);
    const bool only_words =
        birth.empty() && toCard({{"birthdays", member(person, "birthdays")}}).count("anniversaries") == 0;
    if (!only_words)
        put("birthdays", birth, applyBirth);  // a birthday in words alone has no place in a card: left alone
    return changed;
}

}  // namespace portico::google
