// SPDX-License-Identifier: Apache-2.0
// The path of an egress rule: literal segments and `{variables}`, each variable with a pattern for its whole decoded
// value. A segment holds at most one variable, with literal text before and after it ("{id}:updateContact").
// `{+name}` (RFC 6570's reserved expansion) may only come last, as a segment of its own: it stands for all further
// segments, none included, and a slash at the end; its pattern is held against them decoded and joined by slashes.
// Dot segments and encoded slashes never come this far: the URL reader refuses them.
// Immutable, safe to share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/pattern.h"

namespace portico::manifest {

class PathTemplate {
public:
    // Throws Invalid when a variable has no pattern, a pattern no variable, or a literal a character outside
    // [A-Za-z0-9._~:@$-].
    PathTemplate(std::string_view text, const std::map<std::string, std::string>& variables);

    const std::string& text() const noexcept { return text_; }

    // The path to send, written from the template's literals and the encoded values; nothing when it does not match.
    std::optional<std::string> match(const std::vector<std::string>& segments, bool ends_in_slash = false) const;

private:
    struct Segment {
        std::string before, after;
        std::optional<Pattern> variable;
    };
    static Segment readSegment(std::string_view text, const std::map<std::string, std::string>& variables,
                               std::vector<std::string>& used);

    void readRest(std::string_view name, const std::map<std::string, std::string>& variables,
                  std::vector<std::string>& used);
    static std::optional<std::string> matchOne(const Segment& wanted, std::string_view given);

    std::string text_;
    std::vector<Segment> segments_;
    std::optional<Pattern> rest_;  // of {+name}
};

}  // namespace portico::manifest
