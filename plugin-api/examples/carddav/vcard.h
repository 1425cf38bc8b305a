// SPDX-License-Identifier: Apache-2.0
// A vCard (3.0, RFC 2426; 4.0, RFC 6350) as a list of properties. What is not changed is written back byte for byte as
// it was read, so that nothing another program stored is lost. Plain value; one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carddav {

struct Property {
    std::string group, name;                                  // name in upper case; group as written, or empty
    std::vector<std::pair<std::string, std::string>> params;  // name in upper case, value without quotes
    std::string value;                                        // still escaped
    std::string raw;                                          // the folded lines it was read from; empty for a new one

    // The words of all TYPE parameters, in lower case.
    std::vector<std::string> types() const;
    std::string param(std::string_view name) const;  // the first of that name, or empty
    void setTypes(const std::vector<std::string>& types);
    void setValue(std::string escaped);
    void setParam(const std::string& name, const std::string& text);  // empty text removes it
    bool sameAs(const Property& other) const { return params == other.params && value == other.value; }
};

struct VCard {
    std::vector<Property> properties;  // without BEGIN and END; one without a name was removed

    static VCard fresh(const std::string& uid);  // version 3.0, which every server takes
    // Throws portico::sdk::PluginError (Invalid "vcard") when it is none.
    static VCard parse(std::string_view text);
    std::string text() const;

    const Property* find(std::string_view name) const;
    Property& require(const std::string& name);  // found or added
    bool isVersion4() const;
    bool isGroup() const;  // a list of other cards, no person

    // Apple's way to name an entry: item1.TEL together with item1.X-ABLABEL.
    std::string label(const Property& property) const;
    void setLabel(std::size_t at, const std::string& label);  // may add a property at the end
    void remove(std::size_t at);                              // with its label; the place stays, nameless
};

std::string escapeText(std::string_view text);
std::string unescapeText(std::string_view value);
// Splits at separators that are not escaped; the parts are still escaped.
std::vector<std::string> splitEscaped(std::string_view value, char separator);

}  // namespace carddav
