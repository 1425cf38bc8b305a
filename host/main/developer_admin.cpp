// SPDX-License-Identifier: Apache-2.0
#include "host/main/developer_admin.h"

#include <algorithm>

#include "host/plugin/log_book.h"
#include "host/plugin/plugins.h"

namespace portico::app {

Json developerState(const AdminParts& parts, const Json& question) {
    bool shipped = false;
    for (const plugin::PluginState& state : parts.plugins.list())
        shipped |= state.manifest->id.str() == question.str("id") &&
                   state.manifest->trust.state == manifest::Trust::State::BuiltIn;
    return Json::object()
        .set("developer_mode", parts.developer_mode)
        .set("shipped", shipped)
        .set("newest", static_cast<std::int64_t>(parts.logs.newest()));
}

Json pluginLog(const AdminParts& parts, const Json& question) {
    const Millis patience(std::clamp<std::int64_t>(question.integer("wait_ms"), 0, 1000));
    Json lines = Json::array();
    for (const plugin::LogBook::Line& line :
         parts.logs.after(question.str("id"), static_cast<std::uint64_t>(question.integer("after")), patience))
        lines.push(Json::object({{"number", static_cast<std::int64_t>(line.number)},
                                 {"at", formatInstant(line.at)},
                                 {"level", line.level},
                                 {"event", line.event},
                                 {"fields", line.fields},
                                 {"call", static_cast<std::int64_t>(line.call)}}));
    return Json::object().set("lines", std::move(lines));
}

}  // namespace portico::app
