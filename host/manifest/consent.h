// SPDX-License-Identifier: Apache-2.0
// What an admin agreed to by enabling a plugin, held against what the plugin asks for now. Whatever is wider needs
// consent again and is told in plain words; whatever is the same or narrower does not. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/manifest.h"

namespace portico::manifest {

// One thing beyond what was agreed to.
struct Change {
    std::string kind;  // connection | scope | host | request | picker | record | provenance | stream | event | action |
                       // webhook | availability | limit
    std::string what;  // the thing itself: a scope, "DELETE people.googleapis.com/v1/people/{id}", "contact"
    std::string text;  // one sentence for an admin
    std::string reason;  // the manifest's own words; empty where it gives none
    bool operator==(const Change&) const = default;
};
using Changes = std::vector<Change>;

Changes widened(const Manifest& agreed, const Manifest& now);

// The same for an agreement as it is stored: the text of the plugin.json of that day. One that cannot be read any more
// agrees to nothing.
Changes widened(const std::string& agreed_text, const Manifest& now);

// "contact.created" lies within "contact.*" and "*": an event type or a pattern of them within a pattern.
bool eventWithin(std::string_view type, std::string_view pattern);

}  // namespace portico::manifest
