// SPDX-License-Identifier: Apache-2.0
#include "xml.h"

#include <portico/plugin/core.hpp>

#include <algorithm>
#include <cassert>
#include <rapidxml/rapidxml.hpp>

namespace carddav {

namespace {

constexpr int kMaxDepth = 64;

[[noreturn]] void refuse(const std::string& why) {
    throw portico::sdk::PluginError(PORTICO_E_UNAVAILABLE, "xml", "the server's answer is no readable XML: " + why);
}

// The parser calls itself for each level, so the levels are counted before it starts.
void checkDepth(std::string_view text) {
    int depth = 0;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("<![CDATA[") || rest.starts_with("<!--")) {
            at = text.find(rest[2] == '[' ? "]]>" : "-->", at);
            if (at == std::string_view::npos) refuse("it ends in the middle");
        } else if (rest.starts_with("</")) {
            --depth;
        } else if (!rest.starts_with("<!") && !rest.starts_with("<?")) {
            const std::size_t end = rest.find('>');
            if (end == std::string_view::npos) refuse("it ends in the middle");
            if (rest[end - 1] != '/' && ++depth > kMaxDepth) refuse("it is nested too deeply");
        }
    }
}

using Node = rapidxml::xml_node<>;

std::string_view nameOf(const Node& node) { return {node.name(), node.name_size()}; }

// The namespace that a prefix ("" for the default) stands for at this node.
std::string spaceOf(const Node* node, std::string_view prefix) {
    const std::string wanted = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
    for (; node != nullptr; node = node->parent())
        if (const auto* found = node->first_attribute(wanted.c_str(), wanted.size()))
            return {found->value(), found->value_size()};
    return "";
}

Element convert(const Node& node) {
    Element element;
    const std::string_view name = nameOf(node);
    const std::size_t colon = name.find(':');
    const bool prefixed = colon != std::string_view::npos;
    element.space = spaceOf(&node, prefixed ? name.substr(0, colon) : std::string_view());
    element.name = prefixed ? name.substr(colon + 1) : name;
    for (const Node* child = node.first_node(); child != nullptr; child = child->next_sibling()) {
        if (child->type() == rapidxml::node_element) element.children.push_back(convert(*child));
        if (child->type() == rapidxml::node_data || child->type() == rapidxml::node_cdata)
            element.text.append(child->value(), child->value_size());
    }
    return element;
}

}  // namespace

const Element& Element::child(std::string_view wanted_space, std::string_view wanted) const {
    static const Element kNone;
    const auto found = std::ranges::find_if(children, [&](const Element& one) { return one.is(wanted_space, wanted); });
    return found == children.end() ? kNone : *found;
}

bool Element::has(std::string_view wanted_space, std::string_view wanted) const {
    return std::ranges::any_of(children, [&](const Element& one) { return one.is(wanted_space, wanted); });
}

Element parseXml(std::string document) {
    checkDepth(document);
    rapidxml::xml_document<> parsed;
    try {
        parsed.parse<rapidxml::parse_validate_closing_tags>(document.data());
    } catch (const rapidxml::parse_error& error) {
        refuse(error.what());
    }
    const Node* root = parsed.first_node();
    if (root == nullptr) refuse("it is empty");
    return convert(*root);
}

std::string escapeXml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace carddav
