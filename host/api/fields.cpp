// SPDX-License-Identifier: Apache-2.0
#include "host/api/fields.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico::api {

void refuseMember(const std::string& pointer, const std::string& message) {
    const Json fault = Json::object({{"path", pointer}, {"message", message}});
    const std::string text = "read the request body: " + (pointer.empty() ? "it" : pointer) + " " + message;
    throw Error(Code::Invalid, "invalid_body", text)
        .withDetails(Json::object({{"errors", Json::array({fault})}}).dump());
}

Fields::Fields(const Json& json, std::initializer_list<std::string_view> known, std::string pointer)
    : json_(json), pointer_(std::move(pointer)) {
    if (!json.isObject()) refuseMember(pointer_, "is not an object");
    for (const auto& [name, value] : json.members()) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            refuseMember(this->pointer(name), "is not a member that this operation takes");
    }
}

const Json* Fields::present(std::string_view name) const {
    const Json* value = json_.find(name);
    return value == nullptr || value->isNull() ? nullptr : value;
}

const Json& Fields::required(std::string_view name) const {
    if (const Json* value = present(name)) return *value;
    refuseMember(pointer(name), "is missing");
}

std::string Fields::checkedText(std::string_view name, const Json& value, std::size_t max) const {
    if (!value.isString()) refuseMember(pointer(name), "is not text");
    if (value.str().size() > max) refuseMember(pointer(name), "is longer than " + std::to_string(max) + " bytes");
    return value.str();
}

std::int64_t Fields::checkedInteger(std::string_view name, const Json& value, std::int64_t min,
                                    std::int64_t max) const {
    if (!value.isInteger()) refuseMember(pointer(name), "is not a whole number");
    if (value.integer() < min || value.integer() > max) {
        refuseMember(pointer(name), "is not between " + std::to_string(min) + " and " + std::to_string(max));
    }
    return value.integer();
}

std::string Fields::text(std::string_view name, std::size_t max) const {
    return checkedText(name, required(name), max);
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) const {
    return checkedInteger(name, required(name), min, max);
}

bool Fields::boolean(std::string_view name) const {
    required(name);
    return *optBoolean(name);
}

const Json& Fields::object(std::string_view name) const {
    const Json& value = required(name);
    if (!value.isObject()) refuseMember(pointer(name), "is not an object");
    return value;
}

std::optional<std::string> Fields::optText(std::string_view name, std::size_t max) const {
    const Json* value = present(name);
    return value == nullptr ? std::nullopt : std::optional(checkedText(name, *value, max));
}

std::optional<std::int64_t> Fields::optInteger(std::string_view name, std::int64_t min, std::int64_t max) const {
    const Json* value = present(name);
    return value == nullptr ? std::nullopt : std::optional(checkedInteger(name, *value, min, max));
}

std::optional<bool> Fields::optBoolean(std::string_view name) const {
    const Json* value = present(name);
    if (value == nullptr) return std::nullopt;
    if (!value->isBool()) refuseMember(pointer(name), "is neither true nor false");
    return value->boolean();
}

const Json* Fields::optItems(std::string_view name) const {
    const Json* value = present(name);
    if (value != nullptr && !value->isArray()) refuseMember(pointer(name), "is not a list");
    return value;
}

std::optional<std::vector<std::string>> Fields::optTexts(std::string_view name) const {
    const Json* list = optItems(name);
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const Json& item : list->items()) texts.push_back(checkedText(name, item, kLine));
    return texts;
}

std::optional<std::string> Fields::optChoice(std::string_view name,
                                             std::initializer_list<std::string_view> choices) const {
    std::optional<std::string> value = optText(name);
    if (value && std::find(choices.begin(), choices.end(), *value) == choices.end()) {
        std::string all;
        for (std::string_view choice : choices) all += (all.empty() ? "" : ", ") + std::string(choice);
        refuseMember(pointer(name), "is not one of " + all);
    }
    return value;
}

}  // namespace portico::api
