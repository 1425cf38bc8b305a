// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/card.h"

#include <array>
#include <functional>
#include <utility>

namespace portico::google {

namespace {

using Part = std::pair<const char*, const char*>;  // Google's member, the card's component kind

constexpr std::array kNameParts = {Part{"honorificPrefix", "title"}, Part{"givenName", "given"},
                                   Part{"middleName", "given2"}, Part{"familyName", "surname"},
                                   Part{"honorificSuffix", "generation"}};
constexpr std::array kAddressParts = {Part{"streetAddress", "name"},  Part{"poBox", "postOfficeBox"},
                                      Part{"city", "locality"},       Part{"region", "region"},
                                      Part{"postalCode", "postcode"}, Part{"country", "country"}};

template <std::size_t count>
Json components(const Json& item, const std::array<Part, count>& parts) {
    Json list = Json::array();
    for (const auto& [google, kind] : parts) {
        if (const std::string value = textOf(item, google); !value.empty()) {
            list.push_back({{"kind", kind}, {"value", value}});
        }
    }
    return list;
}

Json nameOf(const Json& item) {
    Json name = Json::object();
    std::string full = textOf(item, "displayName");
    if (full.empty()) full = textOf(item, "unstructuredName");
    if (!full.empty()) name["full"] = full;
    if (Json parts = components(item, kNameParts); !parts.empty()) name["components"] = std::move(parts);
    return name;
}

Json addressOf(const Json& item) {
    Json address = kindFromType(textOf(item, "type"));
    if (const std::string full = textOf(item, "formattedValue"); !full.empty()) address["full"] = full;
    if (Json parts = components(item, kAddressParts); !parts.empty()) address["components"] = std::move(parts);
    if (const std::string code = textOf(item, "countryCode"); !code.empty()) address["countryCode"] = code;
    return address;
}

Json birthdayOf(const Json& item) {
    Json date = Json::object();
    for (const char* part : {"year", "month", "day"}) {
        if (const Json& value = member(member(item, "date"), part); value.is_number_integer() && value != 0)
            date[part] = value;
    }
    return date;
}

// One list of the Person as one map of the card: {"e1": make(item), ...}, skipping items that hold nothing of ours.
void putMap(Json& card, const char* name, char letter, const Json& list, const std::function<Json(const Json&)>& make) {
    Json map = Json::object();
    std::size_t number = 0;
    for (const Json& item : list.is_array() ? list : Json::array()) {
        ++number;
        if (Json entry = make(item); !entry.empty()) map[letter + std::to_string(number)] = std::move(entry);
    }
    if (!map.empty()) card[name] = std::move(map);
}

// An entry that is one value and perhaps a kind, such as an e-mail address.
std::function<Json(const Json&)> valueAs(const char* name, bool with_kind = true) {
    return [name, with_kind](const Json& item) {
        const std::string value = textOf(item, "value");
        if (value.empty()) return Json();
        Json entry = with_kind ? kindFromType(textOf(item, "type")) : Json::object();
        entry[name] = value;
        return entry;
    };
}

void putOrganizations(Json& card, const Json& list) {
    putMap(card, "organizations", 'o', list, [](const Json& item) {
        const std::string name = textOf(item, "name");
        return name.empty() ? Json() : Json{{"name", name}};
    });
    putMap(card, "titles", 't', list, [](const Json& item) {
        const std::string title = textOf(item, "title");
        return title.empty() ? Json() : Json{{"name", title}};
    });
    if (!card.contains("titles")) return;
    for (const auto& [key, title] : card["titles"].items()) {
        const std::string organization = "o" + key.substr(1);
        if (card.contains("organizations") && card["organizations"].contains(organization)) {
            title["organizationId"] = organization;
        }
    }
}

}  // namespace

Json toCard(const Json& person) {
    Json card = {{"@type", "Card"}, {"version", "1.0"}, {"kind", "individual"}};
    const Json& names = member(person, "names");
    if (names.is_array() && !names.empty()) {
        if (Json name = nameOf(names[0]); !name.empty()) card["name"] = std::move(name);
    }
    putMap(card, "nicknames", 'k', member(person, "nicknames"), valueAs("name", false));
    putOrganizations(card, member(person, "organizations"));
    putMap(card, "emails", 'e', member(person, "emailAddresses"), valueAs("address"));
    putMap(card, "phones", 'p', member(person, "phoneNumbers"), valueAs("number"));
    putMap(card, "addresses", 'a', member(person, "addresses"), addressOf);
    putMap(card, "links", 'l', member(person, "urls"), valueAs("uri"));
    putMap(card, "notes", 'n', member(person, "biographies"), valueAs("note", false));
    putMap(card, "anniversaries", 'b', member(person, "birthdays"), [](const Json& item) {
        Json date = birthdayOf(item);
        return date.empty() ? Json() : Json{{"kind", "birth"}, {"date", std::move(date)}};
    });
    return card;
}

}  // namespace portico::google
