// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/sync/links.h"

namespace portico::api {
namespace {

constexpr int kMostConflicts = 1'000;

Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json millisJson(const std::optional<std::int64_t>& at) {
    return at ? Json(formatInstant(fromMillis(*at))) : Json(nullptr);
}

Json notificationsJson(const sync::WatchStatus& status) {
    return Json::object({{"state", status.state}, {"problem", textOrNull(status.problem)}});
}

std::string stateOf(const sync::StreamStatus& status) {
    if (status.state == "problem") return "failed";
    return status.state == "idle" && status.counts.waiting > 0 ? "waiting" : status.state;
}

std::map<std::string, std::string> directionsOf(Call& call) {
    std::map<std::string, std::string> directions;
    for (const PluginView& plugin : call.services.plugins.list(call.ctx.tenant))
        for (const manifest::Stream& stream : plugin.manifest->streams)
            directions[plugin.manifest->id.str() + "/" + stream.name] = stream.direction;
    return directions;
}

http::Response statusList(Call& call, int status) {
    const auto directions = directionsOf(call);
    const auto streams = call.services.sync.status(call.ctx);
    Json items = call.read([&](storage::Tx& tx) {
        Names names(call, tx);
        Json list = Json::array();
        for (const sync::StreamStatus& stream : streams) {
            if (!call.isAdmin() && stream.user != call.user().id) continue;
            const auto direction = directions.find(stream.plugin + "/" + stream.stream);
            list.push(Json::object({{"plugin", stream.plugin},
                                    {"pluginName", stream.plugin_name},
                                    {"connectionId", stream.connection.str()},
                                    {"userId", stream.user.str()},
                                    {"userName", names.actor(stream.user.str())},
                                    {"stream", stream.stream},
                                    {"title", stream.title},
                                    {"direction", direction == directions.end() ? "both" : direction->second},
                                    {"state", stateOf(stream)},
                                    {"lastPullAt", millisJson(stream.last_pull_at)},
                                    {"lastPushAt", millisJson(stream.last_push_at)},
                                    {"pending", stream.counts.waiting},
                                    {"failed", stream.counts.failed},
                                    {"conflicts", stream.counts.conflict},
                                    {"problem", textOrNull(stream.problem)},
                                    {"notifications", notificationsJson(stream.notifications)}}));
        }
        return list;
    });
    http::Response response = page(std::move(items), std::nullopt);
    response.status = status;
    return response;
}

http::Response runSync(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"plugin", "connection", "stream"});
    const PluginView plugin = enabledPlugin(call, fields.text("plugin"));
    std::string connection = fields.optText("connection").value_or("");
    if (!call.isAdmin()) {
        const auto own = ownConnection(call, plugin.manifest->id.str()).id.str();
        if (!connection.empty() && connection != own)
            throw Error(Code::NotFound, "not_found", "run a synchronisation: this connection does not exist");
        connection = own;
    }
    call.services.sync.runNow(call.ctx, plugin.manifest->id.str(), connection, fields.optText("stream").value_or(""));
    return statusList(call, 202);
}

// The record's kind as plugins name it.
std::string recordKind(const std::string& local_kind) { return local_kind == "contact" ? "contact" : "event"; }

std::string titleOf(const Json& record) {
    if (const Json* name = record.find("name"); name != nullptr && name->isObject()) return name->getStr("full");
    return record.isObject() ? record.getStr("title") : "";
}

// The top-level members that all three disagree about.
Json fieldsOf(const sync::Link& link) {
    const auto member = [](const Json& record, const std::string& name) {
        const Json* value = record.isObject() ? record.find(name) : nullptr;
        return value == nullptr ? Json(nullptr) : *value;
    };
    Json fields = Json::array();
    if (!link.remote_now.isObject()) return fields;
    for (const auto& [name, remote] : link.remote_now.members()) {
        const Json base = member(link.base_remote, name);
        if (remote == base) continue;
        fields.push(Json::object(
            {{"path", "/" + name}, {"base", base}, {"local", member(link.base_local, name)}, {"remote", remote}}));
    }
    return fields;
}

http::Response listConflicts(Call& call) {
    std::map<ConnectionId, std::string> plugins;
    for (const sync::StreamStatus& stream : call.services.sync.status(call.ctx)) {
        if (call.isAdmin() || stream.user == call.user().id) plugins.emplace(stream.connection, stream.plugin);
    }
    std::vector<Json> items;
    for (const sync::Conflict& conflict : call.services.sync.conflicts(call.ctx, kMostConflicts)) {
        const auto plugin = plugins.find(conflict.key.connection);
        if (plugin == plugins.end()) continue;
        const sync::Link& link = conflict.link;
        items.push_back(Json::object({{"id", conflict.key.connection.str() + "." + link.local_id},
                                      {"at", formatInstant(call.now())},
                                      {"plugin", plugin->second},
                                      {"recordKind", recordKind(link.local_kind)},
                                      {"recordId", link.local_id},
                                      {"title", titleOf(link.base_local)},
                                      {"reason", link.reason},
                                      {"fields", fieldsOf(link)}}));
    }
    return pageOf(call, std::move(items));
}

}  // namespace

void addSync(Routes& routes) {
    routes.get("/sync", [](Call& call) { return statusList(call, 200); });
    routes.post("/sync/run", runSync);
    routes.get("/sync/conflicts", listConflicts);
}

}  // namespace portico::api
