// SPDX-License-Identifier: Apache-2.0
#include "host/crm/card.h"

#include <Poco/UTF8String.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/ids.h"
#include "host/crm/change.h"

namespace portico::crm {
namespace {

constexpr std::size_t kLongestText = 4000, kLongestNote = 64 * 1024;

// Maps of entries by id, and the member that each entry must have (RFC 9553 sections 2.2 to 2.8).
struct MapRule {
    const char* name;
    const char* member;
};
constexpr std::array kMaps{MapRule{"nicknames", "name"}, MapRule{"organizations", "name"}, MapRule{"titles", "name"},
                           MapRule{"emails", "address"}, MapRule{"phones", "number"},      MapRule{"links", "uri"},
                           MapRule{"notes", "note"}};

[[noreturn]] void refuse(const std::string& place, const std::string& why) {
    throw Error(Code::Invalid, "bad_card", "the contact's " + place + " " + why);
}

void checkString(const std::string& place, const Json* value, std::size_t most = kLongestText) {
    if (value == nullptr) return;
    if (!value->isString()) refuse(place, "must be text");
    if (value->str().size() > most) refuse(place, "is longer than " + std::to_string(most) + " bytes");
}

void checkComponents(const std::string& place, const Json& holder) {
    if (!holder.isObject()) refuse(place, "must be an object");
    checkString(place + "/full", holder.find("full"));
    const Json* components = holder.find("components");
    if (components == nullptr) return;
    if (!components->isArray() || components->items().size() > kMostCardEntries)
        refuse(place + "/components", "must be a short list");
    for (const Json& part : components->items()) {
        if (!part.isObject() || part.find("kind") == nullptr || part.find("value") == nullptr)
            refuse(place + "/components", "must hold {kind, value}");
        checkString(place + "/components/kind", part.find("kind"));
        checkString(place + "/components/value", part.find("value"));
    }
}

const Json* checkedMap(const Json& card, const std::string& name) {
    const Json* map = card.find(name);
    if (map == nullptr) return nullptr;
    if (!map->isObject()) refuse(name, "must be an object of entries by id");
    if (map->members().size() > kMostCardEntries) refuse(name, "has more than 100 entries");
    for (const auto& [id, entry] : map->members())
        if (!entry.isObject()) refuse(name + "/" + id, "must be an object");
    return map;
}

void checkMap(const Json& card, const MapRule& rule) {
    const Json* map = checkedMap(card, rule.name);
    if (map == nullptr) return;
    const bool note = std::string_view(rule.name) == "notes";
    for (const auto& [id, entry] : map->members()) {
        const std::string place = std::string(rule.name) + "/" + id + "/" + rule.member;
        // An organisation may have units and no name of its own; everything else is nothing without its member.
        if (entry.find(rule.member) == nullptr && std::string_view(rule.name) != "organizations")
            refuse(place, "is missing");
        checkString(place, entry.find(rule.member), note ? kLongestNote : kLongestText);
    }
}

void checkDates(const Json& card) {
    const Json* map = checkedMap(card, "anniversaries");
    if (map == nullptr) return;
    for (const auto& [id, entry] : map->members()) {
        const Json* date = entry.find("date");
        if (date == nullptr || !date->isObject()) refuse("anniversaries/" + id + "/date", "must be an object");
        for (const char* part : {"year", "month", "day"}) {
            const Json* value = date->find(part);
            if (value != nullptr && !value->isInteger())
                refuse("anniversaries/" + id + "/date/" + part, "must be a number");
        }
        if (date->getInt("month", 1) < 1 || date->getInt("month", 1) > 12 || date->getInt("day", 1) < 1 ||
            date->getInt("day", 1) > 31)
            refuse("anniversaries/" + id + "/date", "is not a date");
    }
}

std::string component(const Json& card, std::string_view kind) {
    const Json* name = card.find("name");
    const Json* components = name == nullptr ? nullptr : name->find("components");
    std::string joined;
    if (components == nullptr) return joined;
    for (const Json& part : components->items())
        if (part.getStr("kind") == kind) joined += (joined.empty() ? "" : " ") + part.getStr("value");
    return joined;
}

std::string joined(std::initializer_list<std::string> words) {
    std::string text;
    for (const std::string& word : words)
        if (!word.empty()) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::vector<std::string> values(const Json& card, std::string_view map, std::string_view member) {
    std::vector<std::string> found;
    if (const Json* entries = card.find(map))
        for (const auto& [id, entry] : entries->members())
            if (std::string value = entry.getStr(member); !value.empty()) found.push_back(std::move(value));
    return found;
}

std::string firstOf(const std::vector<std::string>& values) { return values.empty() ? "" : values.front(); }

std::string fullName(const Json& card) {
    const Json* name = card.find("name");
    if (name == nullptr) return "";
    if (std::string full = name->getStr("full"); !full.empty()) return full;
    return joined({component(card, "title"), component(card, "given"), component(card, "given2"),
                   component(card, "surname"), component(card, "generation")});
}

// Every suffix that a person may start typing: the number with and without country code and trunk zero.
std::string searchablePhone(std::string_view number) {
    std::string digits;
    std::copy_if(number.begin(), number.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    if (digits.empty()) return "";
    std::string words = digits;
    for (std::size_t length = 6; length < digits.size() && length <= 11; ++length) {
        const std::string tail = digits.substr(digits.size() - length);
        words += " " + tail + " 0" + tail;
    }
    return words;
}

void sortUnique(std::vector<std::string>& items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    if (!items.empty() && items.front().empty()) items.erase(items.begin());
}

}  // namespace

Json checkedCard(Json card) {
    if (!card.isObject()) refuse("card", "must be an object");
    if (card.getStr("@type", "Card") != "Card") refuse("@type", "must be 'Card'");
    if (const Json* name = card.find("name")) checkComponents("name", *name);
    for (const MapRule& rule : kMaps) checkMap(card, rule);
    if (const Json* addresses = checkedMap(card, "addresses"))
        for (const auto& [id, entry] : addresses->members()) checkComponents("addresses/" + id, entry);
    checkDates(card);
    if (const Json* keywords = card.find("keywords")) {
        if (!keywords->isObject()) refuse("keywords", "must be an object of {word: true}");
        if (keywords->members().size() > kMostCardEntries) refuse("keywords", "has more than 100 entries");
        for (const auto& [word, on] : keywords->members())
            if (!on.isBool()) refuse("keywords/" + word, "must be true");
    }
    checkString("uid", card.find("uid"));
    card.set("@type", "Card");
    if (!card.has("version")) card.set("version", "1.0");
    if (card.getStr("uid").empty()) card.set("uid", "urn:uuid:" + newId());
    return card;
}

CardIndex indexOf(const Json& card) {
    CardIndex index;
    index.emails = values(card, "emails", "address");
    const std::vector<std::string> phones = values(card, "phones", "number");
    const std::vector<std::string> organizations = values(card, "organizations", "name");
    index.display_name = fullName(card);
    for (const std::string& other :
         {firstOf(values(card, "nicknames", "name")), firstOf(organizations), firstOf(index.emails), firstOf(phones)})
        if (index.display_name.empty()) index.display_name = other;
    const std::string by_surname =
        joined({component(card, "surname"), component(card, "given"), component(card, "given2")});
    index.sort_name = foldText(by_surname.empty() ? index.display_name : by_surname);
    index.search_name = index.display_name + " " + by_surname;
    for (const auto& other : {values(card, "nicknames", "name"), organizations})
        for (const std::string& word : other) index.search_name += " " + word;
    for (std::string& email : index.emails) {
        index.search_email += email + " ";
        email = foldText(email);
    }
    for (const std::string& phone : phones) {
        index.phones.push_back(phoneKey(phone));
        index.search_phone += searchablePhone(phone) + " ";
    }
    sortUnique(index.emails);
    sortUnique(index.phones);
    return index;
}

std::string phoneKey(std::string_view number) {
    std::string digits;
    std::copy_if(number.begin(), number.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    if (digits.size() < 5) return "";
    return digits.size() > 9 ? digits.substr(digits.size() - 9) : digits;
}

std::string foldText(std::string_view text) {
    // U+00C0..U+017F without accents; '.' stands for what stays as it is.
    static constexpr std::string_view kPlain =
        "aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y"
        "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll."
        ".llnnnnnn...oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz.";
    const std::string lower = Poco::UTF8::toLower(std::string(text));
    std::string folded;
    folded.reserve(lower.size());
    for (std::size_t i = 0; i < lower.size(); ++i) {
        const auto lead = static_cast<unsigned char>(lower[i]);
        if (lead >= 0xc3 && lead <= 0xc5 && i + 1 < lower.size()) {
            const std::size_t point = (lead & 0x1fu) << 6 | (static_cast<unsigned char>(lower[i + 1]) & 0x3fu);
            const char plain = point >= 0xc0 && point - 0xc0 < kPlain.size() ? kPlain[point - 0xc0] : '.';
            if (plain != '.')
                folded += plain;
            else
                folded.append(lower, i, 2);
            ++i;
        } else {
            folded += lower[i];
        }
    }
    return folded;
}

}  // namespace portico::crm
