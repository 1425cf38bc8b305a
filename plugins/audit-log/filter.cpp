// SPDX-License-Identifier: Apache-2.0
#include "plugins/audit-log/filter.h"

#include <portico/plugin/time.hpp>

namespace portico::audit {

namespace {

std::string textOf(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> instantOf(const Json& args, const char* name) {
    const std::string text = textOf(args, name);
    if (text.empty()) return std::nullopt;
    const auto instant = sdk::parseInstant(text);
    if (!instant) {
        throw sdk::PluginError(PORTICO_E_INVALID, "bad_args",
                               std::string("'") + name + "' must be a time such as 2026-11-23T09:00:00Z");
    }
    return instant;
}

bool subjectFits(const Json& entry, const std::string& wanted) {
    const auto found = entry.find("subject");
    if (found == entry.end()) return false;
    if (found->is_string()) return *found == wanted;
    if (!found->is_object()) return false;
    const std::string kind = textOf(*found, "kind"), id = textOf(*found, "id");
    return wanted == id || wanted == kind + "/" + id;
}

bool typeFits(const std::string& type, const std::string& wanted) {
    if (wanted.ends_with(".*")) return type.starts_with(wanted.substr(0, wanted.size() - 1));
    return type == wanted;
}

}  // namespace

Filter::Filter(const Json& args)
    : actor_(textOf(args, "actor")),
      type_(textOf(args, "type")),
      subject_(textOf(args, "subject")),
      from_(instantOf(args, "from")),
      to_(instantOf(args, "to")) {}

bool Filter::matches(const Json& entry) const {
    if (!actor_.empty() && textOf(entry, "actor") != actor_) return false;
    if (!type_.empty() && !typeFits(textOf(entry, "type"), type_)) return false;
    if (!subject_.empty() && !subjectFits(entry, subject_)) return false;
    if (!from_ && !to_) return true;
    const auto at = sdk::parseInstant(textOf(entry, "at"));
    return at && (!from_ || *at >= *from_) && (!to_ || *at < *to_);
}

}  // namespace portico::audit
