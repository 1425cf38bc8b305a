// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/card.h"

#include <algorithm>
#include <array>

namespace portico::google {

namespace {

struct Kind {
    std::string_view type;     // Google's word
    std::string_view context;  // "work", "private" or none
    std::string_view feature;  // of a phone
};

// The first row that fits wins, in both directions.
constexpr std::array kKinds = {
    Kind{"home", "private", ""},     Kind{"work", "work", ""},           Kind{"workMobile", "work", "mobile"},
    Kind{"mobile", "", "mobile"},    Kind{"homeFax", "private", "fax"},  Kind{"workFax", "work", "fax"},
    Kind{"otherFax", "", "fax"},     Kind{"workPager", "work", "pager"}, Kind{"pager", "", "pager"},
    Kind{"main", "", "main-number"},
};

bool has(const Json& entry, const char* set, std::string_view name) {
    const Json& members = member(entry, set);
    if (!members.is_object()) return false;
    const auto found = members.find(std::string(name));
    return found != members.end() && *found == true;
}

}  // namespace

Json kindFromType(const std::string& type) {
    if (type.empty()) return Json::object();
    for (const Kind& kind : kKinds) {
        if (type != kind.type) continue;
        Json entry = Json::object();
        if (!kind.context.empty()) entry["contexts"] = {{std::string(kind.context), true}};
        if (!kind.feature.empty()) entry["features"] = {{std::string(kind.feature), true}};
        return entry;
    }
    return {{"label", type}};
}

std::string typeFromKind(const Json& entry) {
    if (const std::string label = textOf(entry, "label"); !label.empty()) return label;
    for (const char* feature : {"mobile", "fax", "pager", "main-number"}) {
        if (!has(entry, "features", feature)) continue;
        for (const Kind& kind : kKinds) {
            if (kind.feature == feature && !kind.context.empty() && has(entry, "contexts", kind.context)) {
                return std::string(kind.type);
            }
        }
        for (const Kind& kind : kKinds) {
            if (kind.feature == feature && kind.context.empty()) return std::string(kind.type);
        }
    }
    if (has(entry, "contexts", "work")) return "work";
    return has(entry, "contexts", "private") ? "home" : "";
}

std::vector<std::pair<std::string, Json>> inOrder(const Json& map) {
    std::vector<std::pair<std::string, Json>> entries;
    if (map.is_object()) {
        for (const auto& [key, value] : map.items()) entries.emplace_back(key, value);
    }
    std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
        return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
    });
    return entries;
}

}  // namespace portico::google
