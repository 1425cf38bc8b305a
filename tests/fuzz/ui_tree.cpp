// SPDX-License-Identifier: Apache-2.0
// What a plugin wants drawn in the browser. What passes is small, and passes again as it is.
#include "tests/fuzz/fuzz.h"

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/plugin/ui_tree.h"

using namespace portico;
using namespace portico::plugin;

namespace {

const manifest::Manifest& actions() {
    static const manifest::Manifest parsed = manifest::parse(Json::parse(R"({
      "id": "sample", "version": "1.0.0", "name": "Sample", "abi": {"major": 1, "minor": 0}, "library": "sample.so",
      "provides": ["portico.action/1"],
      "actions": [{"name": "sync", "title": "Sync", "role": "staff"},
        {"name": "purge", "title": "Purge", "role": "admin",
         "args": {"type": "object", "properties": {"n": {"type": "integer"}}}}]})"));
    return parsed;
}

// Members that are null stand for members that were not there.
Json withoutNulls(const Json& json) {
    Json out = json;
    if (json.isArray())
        for (Json& item : out.items()) item = withoutNulls(item);
    if (!json.isObject()) return out;
    out = Json::object();
    for (const auto& [name, value] : json.members())
        if (!value.isNull()) out.set(name, withoutNulls(value));
    return out;
}

void checkLinks(const Json& shown) {
    if (shown.getStr("type") == "link") {
        const std::string href = shown.str("href");
        require(href.starts_with("https://") || (href[0] == '/' && href[1] != '/'), "a link leads home or over https");
        require(href[0] == '/' || href.substr(8).starts_with(shown.str("host")), "its host is the one that is shown");
    }
    if (const Json* children = shown.find("children"))
        for (const Json& child : children->items()) checkLinks(child);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Json shown;
    try {
        const Json tree = Json::parse(textOf(data, size), 1u << 20);
        checkedUiTree(tree, actions(), false);
        shown = checkedUiTree(tree, actions(), true);
    } catch (const Error& error) {
        require(error.code() == Code::Invalid || error.code() == Code::Limit, "a bad tree is bad input");
        return 0;
    }
    require(isUtf8(shown.dump()) && shown.dump().size() <= 4 * kLargestUiTree, "what passes is small");
    checkLinks(shown);
    const Json again = checkedUiTree(withoutNulls(shown), actions(), true);
    require(withoutNulls(again) == withoutNulls(shown), "what passes, passes as it is");
    return 0;
}
