// SPDX-License-Identifier: Apache-2.0
#include "host/api/booking.h"

namespace portico::api {
namespace {

Json conflictJson(const Json& conflict, const std::string& staff_id) {
    const std::string kind = conflict.getStr("kind");
    const bool external = kind == "external";
    Json json = Json::object({{"kind", apiKind(kind)},
                              {"id", external ? Json(nullptr) : Json(conflict.getStr("id"))},
                              {"title", external ? Json(nullptr) : Json(conflict.getStr("title"))},
                              {"staffId", staff_id},
                              {"startsAt", conflict.getStr("start")},
                              {"endsAt", conflict.getStr("end")}});
    if (external) json.set("source", pluginOfSource(conflict.getStr("id")));
    return json;
}

}  // namespace

std::string pluginOfSource(const std::string& source) { return source.substr(0, source.find(':')); }

std::string apiKind(const std::string& kind) {
    if (kind == "block-time") return "blockTime";
    return kind == "follow-up" ? "followUp" : kind;
}

Error withConflicts(const Error& error, const std::string& staff_id) {
    if (error.reason() != "double_booking" || error.details().empty()) return error;
    const Json details = Json::parse(error.details());
    Json conflicts = Json::array();
    for (const Json& conflict : details.at("conflicts").items()) conflicts.push(conflictJson(conflict, staff_id));
    return Error(error.code(), error.reason(), error.what())
        .withDetails(Json::object({{"conflicts", std::move(conflicts)}}).dump());
}

}  // namespace portico::api
