// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/ui_tree.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/base/ids.h"
#include "host/manifest/url.h"

namespace portico::plugin {
namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& why) {
    throw Error(Code::Invalid, "bad_ui_tree", (place.empty() ? "the tree" : place) + " " + why);
}

// The number of bytes at the front of `text` that must not be shown: control characters but line feed and tab, marks
// that turn the reading direction (U+061C, U+200E, U+200F, U+202A..U+202E, U+2066..U+2069), the byte order mark.
std::size_t invisible(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned a = byte(0), b = byte(1), c = byte(2);
    if ((a < 0x20 && a != '\n' && a != '\t') || a == 0x7f) return 1;
    if (a == 0xc2 && b >= 0x80 && b <= 0x9f) return 2;
    if (a == 0xd8 && b == 0x9c) return 2;
    if (a == 0xef && b == 0xbb && c == 0xbf) return 3;
    if (a != 0xe2) return 0;
    const bool turns = b == 0x80 && (c == 0x8e || c == 0x8f || (c >= 0xaa && c <= 0xae));
    return turns || (b == 0x81 && c >= 0xa6 && c <= 0xa9) ? 3 : 0;
}

// A page of ours: no second slash in front (another origin for a browser) and nothing that is not a page.
bool isOurPage(std::string_view href) {
    constexpr std::string_view kPlain = "/-_.~?=&%";
    const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return href.size() >= 2 && href[0] == '/' && word(href[1]) && !href.starts_with("/api/") &&
           href.find("..") == std::string_view::npos && std::all_of(href.begin(), href.end(), [&](char c) {
               return word(c) || kPlain.find(c) != std::string_view::npos;
           });
}

// The host of a plain https address (no user, no port, ASCII), which is shown beside the link; else empty.
std::string hostOf(std::string_view href) {
    constexpr std::string_view kScheme = "https://";
    const bool plain =
        href.starts_with(kScheme) && std::all_of(href.begin(), href.end(), [](char c) {
            return c > 0x20 && c < 0x7f && std::string_view("\\\"<>^`{|}").find(c) == std::string_view::npos;
        });
    if (!plain) return "";
    href.remove_prefix(kScheme.size());
    const std::string host(href.substr(0, href.find_first_of("/?#")));
    return manifest::isHostName(host) ? host : "";
}

class Checker {
public:
    Checker(const manifest::Manifest& manifest, bool is_admin) : manifest_(manifest), is_admin_(is_admin) {}

    // Null for a node that is left out.
    Json node(const Json& in, const std::string& place, int depth) {
        if (depth > kDeepestUiNode) refuse(place, "lies deeper than " + std::to_string(kDeepestUiNode) + " levels");
        count(place);
        if (!in.isObject()) refuse(place, "must be an object");
        const Json* named = in.find("type");
        if (named == nullptr || !named->isString()) refuse(place, "has no type");
        const std::string& type = named->str();
        Json out = Json::object({{"type", type}});
        if (type == "stack" || type == "row" || type == "list")
            out.set("children", children(in, place, depth));
        else if (type == "heading" || type == "empty" || type == "error")
            out.set("text", text(in, "text", place));
        else if (type == "text" || type == "badge")
            out.set("text", text(in, "text", place)).set("tone", tone(in, place));
        else if (type == "time")
            out.set("at", instant(in, place));
        else if (type == "facts")
            out.set("items", facts(in, place));
        else if (type == "progress")
            progress(in, place, out);
        else if (type == "table")
            table(in, place, out);
        else if (type == "action")
            return button(in, place, std::move(out));
        else if (type == "form")
            return form(in, place, std::move(out));
        else if (type == "link")
            link(in, place, out);
        else if (type == "image")
            image(in, place, out);
        else
            return nullptr;
        return out;
    }

private:
    static std::string at(const std::string& place, std::string_view member) {
        return place.empty() ? std::string(member) : place + "." + std::string(member);
    }
    static std::string at(const std::string& place, std::size_t index) {
        return place + "[" + std::to_string(index) + "]";
    }
    void count(const std::string& place) {
        if (++nodes_ > kMostUiNodes) refuse(place, "is one more than " + std::to_string(kMostUiNodes) + " nodes");
    }

    static const Json& member(const Json& in, std::string_view name, const std::string& place) {
        const Json* found = in.find(name);
        if (found == nullptr) refuse(at(place, name), "is missing");
        return *found;
    }
    static const Json::Array& list(const Json& in, std::string_view name, const std::string& place) {
        const Json& found = member(in, name, place);
        if (!found.isArray()) refuse(at(place, name), "must be a list");
        return found.items();
    }
    static std::string shown(const Json& value, const std::string& place) {
        if (!value.isString()) refuse(place, "must be text");
        std::string clean;
        std::string_view rest = value.str();
        int characters = 0;
        while (!rest.empty()) {
            if (const std::size_t skip = std::min(invisible(rest), rest.size()); skip > 0) {
                rest.remove_prefix(skip);
                continue;
            }
            if ((rest[0] & 0xc0) != 0x80 && ++characters > kLongestUiText)
                refuse(place, "is longer than " + std::to_string(kLongestUiText) + " characters");
            clean += rest[0];
            rest.remove_prefix(1);
        }
        return clean;
    }
    static std::string text(const Json& in, std::string_view name, const std::string& place) {
        return shown(member(in, name, place), at(place, name));
    }
    static Json optText(const Json& in, std::string_view name, const std::string& place) {
        return in.has(name) ? Json(text(in, name, place)) : Json(nullptr);
    }
    static std::string choice(const Json& in, std::string_view name, const std::string& place,
                              std::initializer_list<std::string_view> words) {
        if (!in.has(name)) return std::string(*words.begin());
        const std::string chosen = text(in, name, place);
        if (std::find(words.begin(), words.end(), chosen) == words.end())
            refuse(at(place, name), "is none of the words that are known");
        return chosen;
    }
    static std::string tone(const Json& in, const std::string& place) {
        return choice(in, "tone", place, {"normal", "muted", "good", "warning", "bad"});
    }
    static std::string instant(const Json& in, const std::string& place) {
        try {
            return formatInstant(parseInstant(text(in, "at", place)));
        } catch (const Error&) {
            refuse(at(place, "at"), "must be a moment such as 2026-11-24T09:00:00Z");
        }
    }

    Json children(const Json& in, const std::string& place, int depth) {
        Json out = Json::array();
        const std::string where = at(place, "children");
        std::size_t index = 0;
        for (const Json& child : list(in, "children", place))
            if (Json kept = node(child, at(where, index++), depth + 1); !kept.isNull()) out.push(std::move(kept));
        return out;
    }
    Json facts(const Json& in, const std::string& place) {
        Json out = Json::array();
        std::size_t index = 0;
        for (const Json& item : list(in, "items", place)) {
            const std::string where = at(at(place, "items"), index++);
            count(where);
            if (!item.isObject()) refuse(where, "must be an object");
            Json fact = Json::object({{"label", text(item, "label", where)}});
            if (item.has("at"))
                fact.set("at", instant(item, where));
            else
                fact.set("value", text(item, "value", where));
            out.push(std::move(fact));
        }
        return out;
    }
    static void progress(const Json& in, const std::string& place, Json& out) {
        const auto number = [&](std::string_view name, double otherwise) {
            if (!in.has(name)) return otherwise;
            const Json& value = in.at(name);
            if (!value.isNumber() || !std::isfinite(value.number())) refuse(at(place, name), "must be a number");
            return value.number();
        };
        member(in, "value", place);
        const double most = number("max", 100), value = number("value", 0);
        if (most <= 0 || value < 0 || value > most) refuse(at(place, "value"), "must lie between 0 and max");
        out.set("label", text(in, "label", place)).set("value", value).set("max", most);
    }
    void table(const Json& in, const std::string& place, Json& out) {
        constexpr std::size_t kMostColumns = 8;
        const Json::Array& columns = list(in, "columns", place);
        if (columns.empty() || columns.size() > kMostColumns) refuse(at(place, "columns"), "must be 1 to 8 texts");
        const auto texts = [&](const Json::Array& cells, const std::string& where) {
            Json row = Json::array();
            for (const Json& cell : cells) row.push(shown(cell, at(where, row.items().size())));
            return row;
        };
        Json rows = Json::array();
        for (const Json& row : list(in, "rows", place)) {
            const std::string where = at(at(place, "rows"), rows.items().size());
            count(where);
            if (!row.isArray() || row.items().size() != columns.size()) refuse(where, "must be as long as columns");
            rows.push(texts(row.items(), where));
        }
        out.set("label", optText(in, "label", place)).set("columns", texts(columns, at(place, "columns")));
        out.set("rows", std::move(rows));
    }

    // Nothing when the reader may not use it.
    const manifest::Action* action(const Json& in, const std::string& place) const {
        const manifest::Action* found = manifest_.action(text(in, "action", place));
        if (found == nullptr) refuse(at(place, "action"), "names no action of this plugin");
        return found->role == "host" || (found->role == "admin" && !is_admin_) ? nullptr : found;
    }
    static Json smallObject(const Json& in, std::string_view name, const std::string& place) {
        if (!in.has(name)) return Json::object();
        const Json& object = in.at(name);
        if (!object.isObject()) refuse(at(place, name), "must be an object");
        if (object.dump().size() > kLargestUiArgs) refuse(at(place, name), "is larger than 4 KiB");
        return object;
    }
    Json button(const Json& in, const std::string& place, Json out) const {
        const manifest::Action* named = action(in, place);
        out.set("label", text(in, "label", place)).set("action", text(in, "action", place));
        out.set("args", smallObject(in, "args", place)).set("confirm", optText(in, "confirm", place));
        out.set("tone", choice(in, "tone", place, {"normal", "primary", "bad"}));
        return named != nullptr ? out : Json(nullptr);
    }
    Json form(const Json& in, const std::string& place, Json out) const {
        const manifest::Action* named = action(in, place);
        out.set("values", smallObject(in, "values", place)).set("submit", optText(in, "submit", place));
        if (named == nullptr) return nullptr;
        return out.set("action", named->name).set("title", named->title).set("schema", named->args);
    }
    static void link(const Json& in, const std::string& place, Json& out) {
        const std::string href = text(in, "href", place);
        Json host = nullptr;
        if (!isOurPage(href)) {
            const std::string named = hostOf(href);
            if (named.empty()) refuse(at(place, "href"), "is neither a page of Portico nor a plain https address");
            host = named;
        }
        out.set("label", text(in, "label", place)).set("href", href).set("host", std::move(host));
    }
    static void image(const Json& in, const std::string& place, Json& out) {
        const std::string file = text(in, "file", place);
        if (!isId(file)) refuse(at(place, "file"), "must be the id of a file");
        out.set("file", file).set("alt", text(in, "alt", place));
    }

    const manifest::Manifest& manifest_;
    const bool is_admin_;
    int nodes_ = 0;
};

}  // namespace

Json checkedUiTree(const Json& tree, const manifest::Manifest& manifest, bool is_admin) {
    if (tree.dump().size() > kLargestUiTree) refuse("", "is larger than 64 KiB");
    Json checked = Checker(manifest, is_admin).node(tree, "", 1);
    if (checked.isNull()) refuse("", "is of a type that this version of Portico does not know");
    return checked;
}

}  // namespace portico::plugin
