// SPDX-License-Identifier: Apache-2.0
#include "host/api/plugin_views.h"

#include <algorithm>
#include <set>

#include "host/api/panels.h"
#include "host/credential/vault.h"
#include "host/identity/users.h"

namespace portico::api {
namespace {

Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json textsJson(const std::vector<std::string>& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) list.push(text);
    return list;
}

const char* kindName(manifest::ConnectionKind kind) {
    switch (kind) {
        case manifest::ConnectionKind::OAuth2: return "oauth2";
        case manifest::ConnectionKind::Basic: return "basic";
        case manifest::ConnectionKind::None: return "none";
    }
    return "none";
}

Json askedConnection(const manifest::Connection& connection, const Json& settings) {
    Json scopes = Json::array();
    for (const manifest::Scope& scope : connection.scopes)
        scopes.push(Json::object({{"scope", scope.scope}, {"reason", scope.reason}, {"optional", scope.optional}}));
    std::set<std::string> hosts;
    Json requests = Json::array();
    const std::string server = manifest::serverOf(connection, settings);  // of kind basic; "" while none is chosen
    for (const manifest::Rule& rule : connection.rules) {
        const std::string& host = connection.server_setting.empty() ? rule.host : server;
        if (!host.empty()) hosts.insert(host);
        requests.push(Json::object({{"method", rule.method}, {"host", host}, {"path", rule.path.text()}}));
    }
    const manifest::ScopeSet* chosen = manifest::chosenSet(connection, settings);
    Json sets = Json::array();
    for (const manifest::ScopeSet& each : connection.scope_sets)
        sets.push(Json::object(
            {{"name", each.name}, {"title", each.title}, {"reason", each.reason}, {"scopes", textsJson(each.scopes)}}));
    return Json::object({{"name", connection.name},
                         {"kind", kindName(connection.kind)},
                         {"provider", connection.provider},
                         {"reason", connection.reason},
                         {"scopes", std::move(scopes)},
                         {"hosts", textsJson({hosts.begin(), hosts.end()})},
                         {"requests", std::move(requests)},
                         {"server", textOrNull(server)},
                         {"serverIsChosenHere", !connection.server_setting.empty()},
                         {"picker", connection.picker},
                         {"scopeSets", std::move(sets)},
                         {"scopeSetting", textOrNull(connection.scope_setting)},
                         {"chosenScopeSet", textOrNull(chosen == nullptr ? "" : chosen->name)}});
}

Json limitsJson(const manifest::Manifest& manifest) {
    return Json::object({{"memoryMib", manifest.limits.memory_mib},
                         {"callSeconds", manifest.limits.call_seconds},
                         {"callsPerMinute", manifest.limits.calls_per_minute},
                         {"cpuPercent", manifest.limits.cpu_percent},
                         {"concurrency", manifest.concurrency}});
}

Json streamJson(const manifest::Stream& stream) {
    return Json::object({{"name", stream.name},
                         {"title", stream.title},
                         {"record", stream.record},
                         {"connection", stream.connection},
                         {"direction", stream.direction},
                         {"everySeconds", static_cast<std::int64_t>(stream.every.count())},
                         {"reason", textOrNull(stream.reason)}});
}

// Everything that an admin is shown before agreeing.
Json asksJson(const manifest::Manifest& manifest, const Json& settings) {
    Json connections = Json::array();
    for (const auto& connection : manifest.connections) connections.push(askedConnection(connection, settings));
    Json records = Json::array();
    for (const auto& record : manifest.records) {
        std::vector<std::string> access;
        if (record.read) access.emplace_back("read");
        if (record.write) access.emplace_back("write");
        records.push(Json::object({{"kind", record.kind}, {"access", textsJson(access)}, {"reason", record.reason}}));
    }
    Json actions = Json::array();
    for (const auto& action : manifest.actions) {
        if (action.role == "host") continue;  // nobody is offered it
        actions.push(Json::object({{"name", action.name},
                                   {"title", action.title},
                                   {"role", action.role},
                                   {"reason", textOrNull(action.reason)}}));
    }
    Json provenance = Json::array();
    for (const auto& each : manifest.provenance)
        provenance.push(Json::object({{"permission", each.permission},
                                      {"provider", manifest::providerOf(each.permission)},
                                      {"fields", textsJson(each.fields)},
                                      {"reason", each.reason},
                                      {"destination", each.destination}}));
    Json streams = Json::array();
    for (const auto& stream : manifest.streams) streams.push(streamJson(stream));
    Json webhooks = Json::array();
    for (const auto& hook : manifest.webhooks)
        webhooks.push(Json::object({{"stream", hook.stream}, {"reason", hook.reason}}));
    Json availability;
    if (manifest.availability)
        availability = Json::object(
            {{"connection", manifest.availability->connection}, {"reason", manifest.availability->reason}});
    return Json::object({{"connections", std::move(connections)},
                         {"records", std::move(records)},
                         {"provenance", std::move(provenance)},
                         {"streams", std::move(streams)},
                         {"events", textsJson(manifest.events)},
                         {"eventsReason", textOrNull(manifest.events_reason)},
                         {"actions", std::move(actions)},
                         {"webhooks", std::move(webhooks)},
                         {"availability", std::move(availability)},
                         {"limits", limitsJson(manifest)}});
}

// Where our pages have a place for it.
Json contributesJson(const manifest::Manifest& manifest) {
    Json list = Json::array();
    for (const manifest::Contribution& each : manifest.contributes) {
        if (!isUiPoint(each.point)) continue;
        Json titles = Json::object();
        for (const auto& [language, title] : each.titles) titles.set(language, title);
        list.push(Json::object({{"point", each.point},
                                {"title", each.title},
                                {"titles", std::move(titles)},
                                {"icon", each.icon},
                                {"role", manifest.action(each.action)->role}}));
    }
    return list;
}

// A host that a setting names, as what this business set it to.
std::string withServers(std::string text, const PluginView& plugin) {
    for (const manifest::Connection& connection : plugin.manifest->connections) {
        if (connection.server_setting.empty()) continue;
        const std::string named = "{settings." + connection.server_setting + "}";
        const std::string server = manifest::serverOf(connection, plugin.settings);
        const auto at = text.find(named);
        if (at != std::string::npos) text.replace(at, named.size(), server.empty() ? "…" : server);
    }
    return text;
}

Json changesJson(const PluginView& plugin) {
    Json list = Json::array();
    for (const manifest::Change& change : plugin.unconsented)
        list.push(Json::object({{"kind", change.kind},
                                {"what", withServers(change.what, plugin)},
                                {"text", change.text},
                                {"reason", textOrNull(change.reason)}}));
    return list;
}

Json instantOrNull(const std::optional<Instant>& at) { return at ? Json(formatInstant(*at)) : Json(nullptr); }

std::string healthText(const PluginView& plugin) {
    const plugin::Health& health = plugin.health;
    if (plugin.state == "running")
        return health.last_failure_at ? "It runs, after a failure: " + health.last_failure : "It runs.";
    if (plugin.state == "starting") return "It is starting.";
    if (plugin.state == "quarantined")
        return "It crashed too often and is switched off until an operator looks at it: " + plugin.problem;
    if (plugin.state == "refused") return "It may not run: " + plugin.problem;
    if (!plugin.problem.empty()) return "It crashed and starts again by itself: " + plugin.problem;
    return "It is not running; it starts when it is needed.";
}

Json healthJson(const PluginView& plugin) {
    return Json::object({{"text", healthText(plugin)},
                         {"since", instantOrNull(plugin.health.since)},
                         {"lastFailure", textOrNull(plugin.health.last_failure)},
                         {"lastFailureAt", instantOrNull(plugin.health.last_failure_at)},
                         {"nextTryAt", instantOrNull(plugin.health.next_try_at)},
                         {"crashes", plugin.health.crashes}});
}

Json personConnectionJson(const credential::ConnectionInfo& connection) {
    return Json::object({{"name", connection.connection_name},
                         {"state", connection.state},
                         {"problem", textOrNull(connection.problem)},
                         {"connectedAt", formatInstant(connection.connected_at)},
                         {"lastUsedAt", instantOrNull(connection.last_used_at)}});
}

}  // namespace

bool hasSettings(const manifest::Manifest& manifest) {
    return manifest.settings.isObject() && !manifest.settings.members().empty();
}

Json pluginJson(const PluginView& plugin) {
    const manifest::Manifest& manifest = *plugin.manifest;
    Json settings;
    if (hasSettings(manifest)) settings = Json::object({{"schema", manifest.settings}, {"values", plugin.settings}});
    const Json sandbox = Json::object({{"level", plugin.sandbox_level ? Json(*plugin.sandbox_level) : Json(nullptr)},
                                       {"min", plugin.sandbox_minimum},
                                       {"missing", textsJson(plugin.sandbox_missing)}});
    return Json::object({{"id", manifest.id.str()},
                         {"name", manifest.name.empty() ? manifest.id.str() : manifest.name},  // unreadable: its folder
                         {"version", manifest.version},
                         {"description", manifest.description},
                         {"vendor", manifest.vendor},
                         {"license", manifest.license},
                         {"trust", manifest::trustName(manifest.trust.state)},
                         {"signedBy", textOrNull(manifest.trust.signed_by)},
                         {"enabled", plugin.enabled},
                         {"canDisable", !manifest.builtin_required},
                         {"state", plugin.state},
                         {"problem", textOrNull(plugin.problem)},
                         {"asks", asksJson(manifest, plugin.settings)},
                         {"contributes", contributesJson(manifest)},
                         {"settings", std::move(settings)},
                         {"sandbox", sandbox},
                         {"consentChanges", changesJson(plugin)},
                         {"health", healthJson(plugin)},
                         {"people", nullptr},
                         {"erased", nullptr}});
}

Json peopleJson(Call& call, const manifest::Manifest& manifest) {
    if (!std::any_of(manifest.connections.begin(), manifest.connections.end(),
                     [](const auto& connection) { return connection.kind != manifest::ConnectionKind::None; }))
        return nullptr;
    const auto connections = call.services.vault.connections(call.ctx.tenant, UserId());
    const auto users = call.read([&](storage::Tx& tx) { return identity::Users(tx, call.now()).list(call.ctx); });
    Json people = Json::array();
    for (const identity::User& user : users) {
        Json own = Json::array();
        for (const credential::ConnectionInfo& connection : connections)
            if (connection.user == user.id && connection.plugin == manifest.id)
                own.push(personConnectionJson(connection));
        if (user.active || !own.items().empty())
            people.push(
                Json::object({{"userId", user.id.str()}, {"name", user.name}, {"connections", std::move(own)}}));
    }
    return people;
}

}  // namespace portico::api
