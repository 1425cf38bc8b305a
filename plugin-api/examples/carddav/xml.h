// SPDX-License-Identifier: Apache-2.0
// As much XML as WebDAV needs: reading an answer into a tree whose names carry their namespace, and escaping text for a
// request. What servers send is hostile until read: no entities beyond XML's five, no deep nesting. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carddav {

inline constexpr const char* kDav = "DAV:";
inline constexpr const char* kCard = "urn:ietf:params:xml:ns:carddav";
inline constexpr const char* kCalendarServer = "http://calendarserver.org/ns/";

struct Element {
    std::string space, name;
    std::string text;  // all character data directly inside
    std::vector<Element> children;

    // The first child of that name; an empty element when there is none.
    const Element& child(std::string_view space, std::string_view name) const;
    bool has(std::string_view space, std::string_view name) const;
    bool is(std::string_view wanted_space, std::string_view wanted_name) const {
        return space == wanted_space && name == wanted_name;
    }
};

// Throws portico::sdk::PluginError (Unavailable "xml") when it is not well-formed or nested deeper than 64.
Element parseXml(std::string document);

std::string escapeXml(std::string_view text);

}  // namespace carddav
