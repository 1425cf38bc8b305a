// SPDX-License-Identifier: Apache-2.0
#include "vcard.h"

#include <portico/plugin/core.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace carddav {

namespace {

constexpr std::size_t kFold = 75;  // bytes of a line (RFC 6350 section 3.2)

char upperChar(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), upperChar);
    return out;
}
std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

[[noreturn]] void refuse(const std::string& why) {
    throw portico::sdk::PluginError(PORTICO_E_INVALID, "vcard", "not a vCard: " + why);
}

// The next logical line: `raw` with its folds and line ends, the result without.
std::string nextLine(std::string_view& text, std::string_view& raw) {
    const std::string_view start = text;
    std::string line;
    do {
        std::size_t end = text.find('\n');
        std::string_view piece = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (piece.ends_with('\r')) piece.remove_suffix(1);
        if (!line.empty()) piece.remove_prefix(1);  // the fold's own space
        line += piece;
    } while (!line.empty() && (text.starts_with(' ') || text.starts_with('\t')));
    raw = start.substr(0, start.size() - text.size());
    return line;
}

// RFC 6868: ^n, ^^ and ^' inside parameter values.
std::string decodeCaret(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (text[i] == '^' && (next == 'n' || next == '^' || next == '\'')) {
            out += next == 'n' ? '\n' : next == '^' ? '^' : '"';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string encodeCaret(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "^n";
        else if (c == '^')
            out += "^^";
        else if (c == '"')
            out += "^'";
        else
            out += c;
    }
    return out;
}

void readParam(std::string_view text, Property& property) {
    const std::size_t equals = text.find('=');
    // vCard 2.1's "TEL;HOME:" still comes along: a word without a name is a type.
    if (equals == std::string_view::npos) {
        if (!text.empty()) property.params.emplace_back("TYPE", text);
        return;
    }
    const std::string name = upper(text.substr(0, equals));
    std::string value;
    bool quoted = false;
    const auto keep = [&] {
        property.params.emplace_back(name, decodeCaret(value));
        value.clear();
    };
    for (const char c : text.substr(equals + 1)) {
        if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            keep();
        else
            value += c;
    }
    keep();
}

std::optional<Property> readProperty(std::string_view line, std::string_view raw) {
    Property property;
    property.raw = raw;
    bool quoted = false;
    std::size_t start = 0;
    bool named = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '"') quoted = !quoted;
        if (quoted || (line[at] != ';' && line[at] != ':')) continue;
        const std::string_view part = line.substr(start, at - start);
        if (named) {
            readParam(part, property);
        } else {
            const std::size_t dot = part.find('.');
            if (dot != std::string_view::npos) property.group = part.substr(0, dot);
            property.name = upper(dot == std::string_view::npos ? part : part.substr(dot + 1));
            named = true;
        }
        start = at + 1;
        if (line[at] == ':') {
            property.value = line.substr(start);
            return property;
        }
    }
    return std::nullopt;
}

std::string fold(std::string_view line) {
    std::string out;
    std::size_t room = kFold;
    while (line.size() > room) {
        std::size_t cut = room;
        while (cut > 1 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;  // never inside a character
        out += line.substr(0, cut);
        out += "\r\n ";
        line.remove_prefix(cut);
        room = kFold - 1;
    }
    return out.append(line) + "\r\n";
}

std::string write(const Property& property) {
    if (!property.raw.empty()) return property.raw.ends_with('\n') ? property.raw : property.raw + "\r\n";
    std::string line = property.group.empty() ? property.name : property.group + "." + property.name;
    for (const auto& [name, value] : property.params) {
        const std::string text = encodeCaret(value);
        const bool quotes = text.find_first_of(",;:") != std::string::npos;
        line += ";" + name + "=" + (quotes ? "\"" + text + "\"" : text);
    }
    return fold(line + ":" + property.value);
}

}  // namespace

std::vector<std::string> Property::types() const {
    std::vector<std::string> all;
    for (const auto& [param_name, text] : params)
        if (param_name == "TYPE") all.push_back(lower(text));
    return all;
}

std::string Property::param(std::string_view wanted) const {
    const auto found = std::ranges::find_if(params, [&](const auto& one) { return one.first == wanted; });
    return found == params.end() ? "" : found->second;
}

void Property::setTypes(const std::vector<std::string>& wanted) {
    std::erase_if(params, [](const auto& one) { return one.first == "TYPE"; });
    for (const std::string& type : wanted) params.emplace_back("TYPE", upper(type));
    raw.clear();
}

void Property::setValue(std::string escaped) {
    if (value == escaped) return;
    value = std::move(escaped);
    raw.clear();
}

void Property::setParam(const std::string& wanted, const std::string& text) {
    if (param(wanted) == text) return;
    std::erase_if(params, [&](const auto& one) { return one.first == wanted; });
    if (!text.empty()) params.emplace_back(wanted, text);
    raw.clear();
}

VCard VCard::fresh(const std::string& uid) {
    VCard card;
    card.require("VERSION").setValue("3.0");
    card.require("UID").setValue(escapeText(uid));
    return card;
}

VCard VCard::parse(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    VCard card;
    bool begun = false;
    while (!text.empty()) {
        std::string_view raw;
        const std::string line = nextLine(text, raw);
        const std::string word = upper(line);
        if (word == "BEGIN:VCARD") {
            begun = true;
        } else if (word == "END:VCARD" && begun) {
            return card;
        } else if (begun && !line.empty()) {
            auto property = readProperty(line, raw);
            if (property) card.properties.push_back(std::move(*property));
        }
    }
    refuse(begun ? "it has no end" : "it has no beginning");
}

std::string VCard::text() const {
    std::string out = "BEGIN:VCARD\r\n";
    for (const Property& property : properties)
        if (!property.name.empty()) out += write(property);
    return out + "END:VCARD\r\n";
}

const Property* VCard::find(std::string_view name) const {
    const auto found = std::ranges::find_if(properties, [&](const Property& one) { return one.name == name; });
    return found == properties.end() ? nullptr : &*found;
}

Property& VCard::require(const std::string& name) {
    for (Property& property : properties)
        if (property.name == name) return property;
    properties.push_back({"", name, {}, "", ""});
    return properties.back();
}

bool VCard::isVersion4() const {
    const Property* version = find("VERSION");
    return version != nullptr && version->value.starts_with('4');
}

bool VCard::isGroup() const {
    for (const char* name : {"KIND", "X-ADDRESSBOOKSERVER-KIND"}) {
        const Property* kind = find(name);
        if (kind != nullptr && lower(kind->value) == "group") return true;
    }
    return false;
}

std::string VCard::label(const Property& property) const {
    if (property.group.empty()) return "";
    for (const Property& one : properties) {
        if (one.name != "X-ABLABEL" || lower(one.group) != lower(property.group)) continue;
        std::string text = unescapeText(one.value);
        if (text.starts_with("_$!<") && text.ends_with(">!$_")) text = lower(text.substr(4, text.size() - 8));
        return text;
    }
    return "";
}

void VCard::setLabel(std::size_t at, const std::string& wanted) {
    if (label(properties[at]) == wanted) return;
    const std::string group = lower(properties[at].group);
    for (Property& one : properties) {
        if (group.empty() || one.name != "X-ABLABEL" || lower(one.group) != group) continue;
        if (wanted.empty())
            one.name.clear();
        else
            one.setValue(escapeText(wanted));
        return;
    }
    if (wanted.empty()) return;
    if (group.empty()) {
        std::set<std::string> taken;
        for (const Property& one : properties) taken.insert(lower(one.group));
        int number = 1;
        while (taken.contains("item" + std::to_string(number))) ++number;
        properties[at].group = "item" + std::to_string(number);
        properties[at].raw.clear();
    }
    properties.push_back({properties[at].group, "X-ABLABEL", {}, escapeText(wanted), ""});
}

void VCard::remove(std::size_t at) {
    properties[at].name.clear();
    const std::string group = lower(properties[at].group);
    if (group.empty()) return;
    const auto inGroup = [&](const Property& one) { return !one.name.empty() && lower(one.group) == group; };
    for (const Property& one : properties)
        if (inGroup(one) && one.name != "X-ABLABEL") return;  // the label belongs to that one too
    for (Property& one : properties)
        if (inGroup(one)) one.name.clear();
}

std::string escapeText(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\' || c == ',' || c == ';')
            (out += '\\') += c;
        else if (c != '\r')
            out += c;
    }
    return out;
}

std::string unescapeText(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\' || i + 1 == value.size()) {
            out += value[i];
            continue;
        }
        const char next = value[++i];
        out += next == 'n' || next == 'N' ? '\n' : next;
    }
    return out;
}

std::vector<std::string> splitEscaped(std::string_view value, char separator) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == separator) {
            parts.emplace_back();
            continue;
        }
        parts.back() += value[i];
        if (value[i] == '\\' && i + 1 < value.size()) parts.back() += value[++i];
    }
    return parts;
}

}  // namespace carddav
