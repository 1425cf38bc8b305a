// SPDX-License-Identifier: Apache-2.0
// The nodes of ui-tree.schema.json that our panels use, and how a link's state is said. Pure functions.
#pragma once

#include "plugins/google-common/api.h"

namespace portico::google::ui {

inline Json text(const std::string& words, const char* tone = "normal") {
    return {{"type", "text"}, {"text", words}, {"tone", tone}};
}
inline Json badge(const std::string& words, const char* tone) {
    return {{"type", "badge"}, {"text", words}, {"tone", tone}};
}
inline Json empty(const std::string& words) { return {{"type", "empty"}, {"text", words}}; }
inline Json link(const std::string& label, const std::string& href) {
    return {{"type", "link"}, {"label", label}, {"href", href}};
}
inline Json row(Json children) { return {{"type", "row"}, {"children", std::move(children)}}; }
inline Json stack(Json children) { return {{"type", "stack"}, {"children", std::move(children)}}; }
inline Json button(const std::string& label, const std::string& action) {
    return {{"type", "action"}, {"label", label}, {"action", action}, {"args", Json::object()}};
}

// Of a link in ui-context.schema.json.
inline Json stateBadge(const Json& link) {
    const std::string state = textOf(link, "state");
    if (state == "synced") return badge("In step", "good");
    if (state == "failed") return badge("Could not be sent", "bad");
    if (state == "conflict") return badge("Changed on both sides", "warning");
    return badge("Waiting to be sent", "muted");
}

// The link of that stream; null when the record takes no part in it.
inline const Json& linkOf(const Json& record, const std::string& stream) {
    static const Json kNone;
    for (const Json& link : listOf(record, "links"))
        if (textOf(link, "stream") == stream) return link;
    return kNone;
}

// What "Sync now" answers: the host runs the stream.
inline std::string syncNow(const std::string& stream) {
    return Json{{"notice", "Google is being asked now."}, {"sync", Json::array({stream})}}.dump();
}

}  // namespace portico::google::ui
