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

void PathTemplate::readRest(std::string_view name, const std::map<std::string, std::string>& variables,
                            std::vector<std::string>& used) {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) refuse(text_, "vars has no pattern for '" + std::string(name) + "'");
    if (std::find(used.begin(), used.end(), name) != used.end())
        refuse(text_, "'" + std::string(name) + "' is used twice");
    used.emplace_back(name);
    rest_.emplace(found->second);
}

PathTemplate::PathTemplate(std::string_view text, const std::map<std::string, std::string>& variables) : text_(text) {
    if (!text.starts_with('/')) refuse(text_, "must start with '/'");
    std::vector<std::string> used;
    for (std::string_view rest = text.substr(1);;) {
        const std::size_t slash = rest.find('/');
        const std::string_view segment = rest.substr(0, slash);
        if (segment.starts_with("{+")) {
            if (slash != std::string_view::npos || !segment.ends_with('}'))
                refuse(text_, "'{+name}' must be the whole last segment");
            readRest(segment.substr(2, segment.size() - 3), variables, used);
            break;
        }
        segments_.push_back(readSegment(segment, variables, used));
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
        if (rest.empty()) refuse(text_, "must not end with '/'");
    }
    for (const auto& [name, pattern] : variables)
        if (std::find(used.begin(), used.end(), name) == used.end()) refuse(text_, "has no variable '" + name + "'");
}

std::optional<std::string> PathTemplate::matchOne(const Segment& wanted, std::string_view given) {
    if (!wanted.variable) return given == wanted.before ? std::optional("/" + wanted.before) : std::nullopt;
    if (given.size() < wanted.before.size() + wanted.after.size() || !given.starts_with(wanted.before) ||
        !given.ends_with(wanted.after))
        return std::nullopt;
    given = given.substr(wanted.before.size(), given.size() - wanted.before.size() - wanted.after.size());
    if (!wanted.variable->matches(given)) return std::nullopt;
    // A value such as ".." cannot come here: the URL reader refuses dot segments; with literals around it is no dot
    // segment any more.
    return "/" + wanted.before + percentEncode(given) + wanted.after;
}

std::optional<std::string> PathTemplate::match(const std::vector<std::string>& segments, bool ends_in_slash) const {
    if (rest_ ? segments.size() < segments_.size() : segments.size() != segments_.size() || ends_in_slash)
        return std::nullopt;
    std::string path;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const auto part = matchOne(segments_[i], segments[i]);
        if (!part) return std::nullopt;
        path += *part;
    }
    if (!rest_) return path;
    std::string decoded;
    for (std::size_t i = segments_.size(); i < segments.size(); ++i) {
        decoded += (i > segments_.size() ? "/" : "") + segments[i];
        path += "/" + percentEncode(segments[i]);
    }
    if (ends_in_slash || segments.empty()) path += '/';
    return rest_->matches(decoded) ? std::optional(path) : std::nullopt;
}

}  // namespace portico::manifest
