// SPDX-License-Identifier: Apache-2.0
// What a plugin may draw: the closed vocabulary of ui-tree.schema.json, checked here and nowhere else before it reaches
// a browser. A plugin's tree is hostile input: what comes out is built anew from the members that are known, so that
// nothing else passes. Texts stay texts (the browser never reads them as HTML); invisible characters that reorder or
// hide text are taken out. Pure functions.
#pragma once

#include "host/base/json.h"
#include "host/manifest/manifest.h"

namespace portico::plugin {

constexpr int kMostUiNodes = 200;  // facts and table rows count as one each
constexpr int kDeepestUiNode = 8;
constexpr int kLongestUiText = 2'000;              // characters
constexpr std::size_t kLargestUiTree = 64u << 10;  // bytes as JSON
constexpr std::size_t kLargestUiArgs = 4u << 10;   // bytes as JSON, of one button or form

// The tree as the web draws it. Nodes of unknown types are left out, and so are buttons and forms whose action needs
// the role admin when the reader is none. Links get "host" (null for our own pages), forms the "schema" of their
// action's args. Throws Invalid "bad_ui_tree" naming the place ("children[2].text") of the first rule that is broken.
Json checkedUiTree(const Json& tree, const manifest::Manifest& manifest, bool is_admin);

}  // namespace portico::plugin
