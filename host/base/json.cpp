// SPDX-License-Identifier: Apache-2.0
#include "host/base/json.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico {
namespace {

std::string_view typeName(std::size_t index) {
    constexpr std::string_view kNames[] = {"null",     "a boolean", "an integer", "a number",
                                           "a string", "an array",  "an object"};
    return kNames[index];
}

[[noreturn]] void wrongMember(std::string_view name, const Error& error) {
    throw Error(Code::Invalid, "bad_member", "member '" + std::string(name) + "': " + error.what());
}

template <class F>
auto ofMember(std::string_view name, F&& access) -> decltype(access()) {
    try {
        return access();
    } catch (const Error& error) {
        wrongMember(name, error);
    }
}

}  // namespace

Json Json::array(Array items) {
    Json json;
    json.value_ = std::move(items);
    return json;
}

Json Json::object(Members members) {
    Json json;
    json.value_ = std::move(members);
    return json;
}

bool Json::operator==(const Json& other) const {
    if (isNumber() && other.isNumber() && !(isInteger() && other.isInteger())) return number() == other.number();
    if (value_.index() != other.value_.index()) return false;
    if (!isObject()) return value_ == other.value_;
    if (members().size() != other.members().size()) return false;
    return std::all_of(members().begin(), members().end(), [&](const auto& member) {
        const Json* twin = other.find(member.first);
        return twin != nullptr && *twin == member.second;
    });
}

void Json::wrongType(std::string_view wanted) const {
    throw Error(Code::Invalid, "bad_type",
                "expected " + std::string(wanted) + ", found " + std::string(typeName(value_.index())));
}

const std::string& Json::str() const {
    if (const auto* value = std::get_if<std::string>(&value_)) return *value;
    wrongType("a string");
}

bool Json::boolean() const {
    if (const auto* value = std::get_if<bool>(&value_)) return *value;
    wrongType("true or false");
}

std::int64_t Json::integer() const {
    if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
    wrongType("an integer");
}

double Json::number() const {
    if (const auto* value = std::get_if<double>(&value_)) return *value;
    if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
    wrongType("a number");
}

const Json::Array& Json::items() const {
    if (const auto* value = std::get_if<Array>(&value_)) return *value;
    wrongType("an array");
}

Json::Array& Json::items() { return const_cast<Array&>(std::as_const(*this).items()); }

const Json::Members& Json::members() const {
    if (const auto* value = std::get_if<Members>(&value_)) return *value;
    wrongType("an object");
}

Json::Members& Json::members() { return const_cast<Members&>(std::as_const(*this).members()); }

const Json* Json::find(std::string_view name) const {
    const auto* all = std::get_if<Members>(&value_);
    if (all == nullptr) return nullptr;
    const auto found = std::find_if(all->begin(), all->end(), [&](const auto& member) { return member.first == name; });
    return found == all->end() ? nullptr : &found->second;
}

Json* Json::find(std::string_view name) { return const_cast<Json*>(std::as_const(*this).find(name)); }

const Json& Json::at(std::string_view name) const {
    members();
    if (const Json* found = find(name)) return *found;
    throw Error(Code::Invalid, "missing_member", "member '" + std::string(name) + "' is missing");
}

const std::string& Json::str(std::string_view name) const {
    const Json& member = at(name);
    return ofMember(name, [&]() -> const std::string& { return member.str(); });
}

std::int64_t Json::integer(std::string_view name) const {
    const Json& member = at(name);
    return ofMember(name, [&] { return member.integer(); });
}

std::string Json::getStr(std::string_view name, std::string_view fallback) const {
    const Json* member = find(name);
    if (member == nullptr || member->isNull()) return std::string(fallback);
    return ofMember(name, [&] { return member->str(); });
}

std::int64_t Json::getInt(std::string_view name, std::int64_t fallback) const {
    const Json* member = find(name);
    if (member == nullptr || member->isNull()) return fallback;
    return ofMember(name, [&] { return member->integer(); });
}

bool Json::getBool(std::string_view name, bool fallback) const {
    const Json* member = find(name);
    if (member == nullptr || member->isNull()) return fallback;
    return ofMember(name, [&] { return member->boolean(); });
}

std::optional<std::string> Json::optStr(std::string_view name) const {
    const Json* member = find(name);
    if (member == nullptr || member->isNull()) return std::nullopt;
    return ofMember(name, [&] { return member->str(); });
}

Json& Json::set(std::string_view name, Json value) {
    if (isNull()) value_ = Members{};
    if (Json* found = find(name)) {
        *found = std::move(value);
    } else {
        members().emplace_back(std::string(name), std::move(value));
    }
    return *this;
}

Json& Json::erase(std::string_view name) {
    std::erase_if(members(), [&](const auto& member) { return member.first == name; });
    return *this;
}

Json& Json::push(Json item) {
    if (isNull()) value_ = Array{};
    items().push_back(std::move(item));
    return *this;
}

std::vector<Json> parseJsonLines(std::string_view text, std::size_t max_line_bytes) {
    std::vector<Json> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) lines.push_back(Json::parse(text.substr(0, end), max_line_bytes));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace portico
