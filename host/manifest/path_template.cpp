// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/path_template.h"

#include <algorithm>
#include <cstring>

#include "host/base/error.h"
#include "host/manifest/url.h"

namespace portico::manifest {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error(Code::Invalid, "bad_template", "path '" + std::string(text) + "': " + why);
}

bool isLiteral(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != '\0' && std::strchr("._~:@$-", c) != nullptr);
    });
}

}  // namespace

PathTemplate::Segment PathTemplate::readSegment(std::string_view text,
                                                const std::map<std::string, std::string>& variables,
                                                std::vector<std::string>& used) {
    Segment segment;
    const std::size_t open = text.find('{');
    segment.before = text.substr(0, open);
    if (open != std::string_view::npos) {
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos) refuse(text, "'{' without '}'");
        const std::string name(text.substr(open + 1, close - open - 1));
        const auto found = variables.find(name);
        if (found == variables.end()) refuse(text, "vars has no pattern for '" + name + "'");
        if (std::find(used.begin(), used.end(), name) != used.end()) refuse(text, "'" + name + "' is used twice");
        used.push_back(name);
        segment.variable.emplace(found->second);
        segment.after = text.substr(close + 1);
    }
    if (!isLiteral(segment.before) || !isLiteral(segment.after))
        refuse(text, "a segment is literal text with at most one {variable}");
    if (!segment.variable && (segment.before.empty() || segment.before == "." || segment.before == ".."))
        refuse(text, "empty and dot segments are not allowed");
    return segment;
}

PathTemplate::PathTemplate(std::string_view text, const std::map<std::string, std::string>& variables) : text_(text) {
    if (!text.starts_with('/')) refuse(text_, "must start with '/'");
    std::vector<std::string> used;
    for (std::string_view rest = text.substr(1); !rest.empty() || segments_.empty();) {
        const std::size_t slash = rest.find('/');
        segments_.push_back(readSegment(rest.substr(0, slash), variables, used));
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
        if (rest.empty()) refuse(text_, "must not end with '/'");
    }
    for (const auto& [name, pattern] : variables)
        if (std::find(used.begin(), used.end(), name) == used.end()) refuse(text_, "has no variable '" + name + "'");
}

std::optional<std::string> PathTemplate::match(const std::vector<std::string>& segments) const {
    if (segments.size() != segments_.size()) return std::nullopt;
    std::string path;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& wanted = segments_[i];
        std::string_view given = segments[i];
        if (!wanted.variable) {
            if (given != wanted.before) return std::nullopt;
            path += '/' + wanted.before;
            continue;
        }
        if (given.size() < wanted.before.size() + wanted.after.size() || !given.starts_with(wanted.before) ||
            !given.ends_with(wanted.after))
            return std::nullopt;
        given = given.substr(wanted.before.size(), given.size() - wanted.before.size() - wanted.after.size());
        if (!wanted.variable->matches(given)) return std::nullopt;
        // A value such as ".." cannot come here: the URL reader refuses dot segments; with literals around it is no dot
        // segment any more.
        path += '/' + wanted.before + percentEncode(given) + wanted.after;
    }
    return path;
}

}  // namespace portico::manifest
