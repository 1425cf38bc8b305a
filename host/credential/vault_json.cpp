// SPDX-License-Identifier: Apache-2.0
#include "host/credential/vault_json.h"

namespace portico::credential {
namespace {

Json textList(const std::vector<std::string>& words) {
    Json list = Json::array();
    for (const std::string& word : words) list.push(word);
    return list;
}

std::vector<std::string> texts(const Json& json, std::string_view name) {
    return listFrom(json.at(name), [](const Json& item) { return item.str(); });
}

Json optMillis(const std::optional<Instant>& at) { return at ? Json(toMillis(*at)) : Json(nullptr); }

std::optional<Instant> optInstant(const Json& json, std::string_view name) {
    const Json* found = json.find(name);
    if (found == nullptr || found->isNull()) return std::nullopt;
    return fromMillis(found->integer());
}

void setInstant(Json& json, std::string_view name, const std::optional<Instant>& at) {
    if (at) json.set(name, toMillis(*at));
}

}  // namespace

Json toJson(const ProviderState& state) {
    return Json::object({{"name", state.name},
                         {"title", state.title},
                         {"clock_ahead", state.clock_ahead ? Json(state.clock_ahead->count()) : Json(nullptr)},
                         {"clock_seen_at", optMillis(state.clock_seen_at)},
                         {"failing_since", optMillis(state.failing_since)},
                         {"next_try", optMillis(state.next_try)},
                         {"failure", state.failure}});
}

ProviderState providerStateFrom(const Json& json) {
    ProviderState state;
    state.name = json.str("name");
    state.title = json.str("title");
    if (const Json& ahead = json.at("clock_ahead"); !ahead.isNull()) state.clock_ahead = Millis(ahead.integer());
    state.clock_seen_at = optInstant(json, "clock_seen_at");
    state.failing_since = optInstant(json, "failing_since");
    state.next_try = optInstant(json, "next_try");
    state.failure = json.str("failure");
    return state;
}

Json toJson(const VaultStatus& status) {
    return Json::object({{"sealed", status.sealed},
                         {"configured", status.configured},
                         {"simulated", status.simulated},
                         {"problem", status.problem},
                         {"pending_revocations", status.pending_revocations},
                         {"put_back", status.put_back},
                         {"providers", listToJson(status.providers)},
                         {"damaged", status.damaged},
                         {"disk_full", status.disk_full}});
}

VaultStatus statusFrom(const Json& json) {
    return {json.getBool("sealed"),
            json.getBool("configured"),
            json.getBool("simulated"),
            json.str("problem"),
            json.integer("pending_revocations"),
            json.str("put_back"),
            listFrom(json.at("providers"), providerStateFrom),
            json.integer("damaged"),
            json.getBool("disk_full")};
}

Json toJson(const ProviderSetup& setup) {
    Json apis = Json::array();
    for (const ApiSeen& api : setup.apis)
        apis.push(Json::object({{"plugin", api.plugin.str()},
                                {"service", api.service},
                                {"enabled", api.enabled},
                                {"at", toMillis(api.at)}}));
    Json json = Json::object({{"client_id", setup.client_id},
                              {"configured", setup.configured},
                              {"has_secret", setup.has_secret},
                              {"secret_plausible", setup.secret_plausible},
                              {"problem", setup.problem},
                              {"redirect_uri", setup.redirect_uri},
                              {"alarm", setup.alarm},
                              {"connections", setup.connections},
                              {"others", setup.others},
                              {"seven_days", setup.seven_days},
                              {"apis", std::move(apis)}});
    setInstant(json, "set_at", setup.set_at);
    setInstant(json, "testing_seen", setup.testing_seen);
    setInstant(json, "lasting_seen", setup.lasting_seen);
    json.set("state", toJson(setup.state));
    return json;
}

ProviderSetup providerSetupFrom(const Json& json) {
    ProviderSetup out;
    out.client_id = json.str("client_id");
    out.configured = json.getBool("configured");
    out.has_secret = json.getBool("has_secret");
    out.secret_plausible = json.getBool("secret_plausible");
    out.set_at = optInstant(json, "set_at");
    out.problem = json.str("problem");
    out.redirect_uri = json.str("redirect_uri");
    out.alarm = json.str("alarm");
    out.connections = json.integer("connections");
    out.others = json.integer("others");
    out.seven_days = json.integer("seven_days");
    out.testing_seen = optInstant(json, "testing_seen");
    out.lasting_seen = optInstant(json, "lasting_seen");
    out.apis = listFrom(json.at("apis"), [](const Json& api) {
        return ApiSeen{PluginId(api.str("plugin")), api.str("service"), api.getBool("enabled"),
                       fromMillis(api.integer("at"))};
    });
    out.state = providerStateFrom(json.at("state"));
    return out;
}

Json toJson(const ClientVerdict& verdict) {
    return Json::object({{"verdict", verdict.verdict}, {"detail", verdict.detail}});
}

ClientVerdict clientVerdictFrom(const Json& json) { return {json.str("verdict"), json.str("detail")}; }

Json toJson(const NewClient& client) { return Json::object({{"client_id", client.id}, {"replace", client.replace}}); }

NewClient newClientFrom(const Json& json) { return {json.str("client_id"), json.getBool("replace")}; }

Json toJson(const BeginRequest& request) {
    Json json = Json::object({{"tenant", request.tenant.str()},
                              {"user", request.user.str()},
                              {"plugin", request.plugin.str()},
                              {"connection_name", request.connection_name},
                              {"session_binding", request.session_binding},
                              {"login_hint", request.login_hint},
                              {"scopes", textList(request.scopes)},
                              {"return_to", request.return_to},
                              {"reconnect", request.reconnect.str()},
                              {"server", request.server},
                              {"account_of", request.account_of.str()},
                              {"another_account", request.another_account}});
    if (request.picker)
        json.set("picker", Json::object({{"multiple", request.picker->multiple},
                                         {"mime_types", textList(request.picker->mime_types)}}));
    return json;
}

BeginRequest beginRequestFrom(const Json& json) {
    BeginRequest out;
    out.tenant = TenantId(json.str("tenant"));
    out.user = UserId(json.str("user"));
    out.plugin = PluginId(json.str("plugin"));
    out.connection_name = json.str("connection_name");
    out.session_binding = json.str("session_binding");
    out.login_hint = json.getStr("login_hint");
    if (json.has("scopes")) out.scopes = texts(json, "scopes");
    out.return_to = json.getStr("return_to");
    out.reconnect = ConnectionId(json.getStr("reconnect"));
    out.server = json.getStr("server");
    out.account_of = ConnectionId(json.getStr("account_of"));
    out.another_account = json.getBool("another_account");
    if (const Json* picker = json.find("picker"))
        out.picker = PickerOptions{picker->getBool("multiple"), texts(*picker, "mime_types")};
    return out;
}

Json toJson(const BeginResult& result) {
    return Json::object(
        {{"authorization_url", result.authorization_url}, {"transaction", result.transaction}, {"form", result.form}});
}

BeginResult beginResultFrom(const Json& json) {
    return {json.str("authorization_url"), json.str("transaction"), json.str("form")};
}

Json toJson(const PasswordRequest& request) {
    return Json::object(
        {{"form", request.form}, {"user_name", request.user_name}, {"session_binding", request.session_binding}});
}

PasswordRequest passwordRequestFrom(const Json& json) {
    return {json.str("form"), json.str("user_name"), json.str("session_binding")};
}

Json toJson(const CompleteRequest& request) {
    return Json::object({{"state", request.state},
                         {"code", request.code},
                         {"error", request.error},
                         {"iss", request.iss},
                         {"picked_file_ids", textList(request.picked_file_ids)},
                         {"session_binding", request.session_binding}});
}

CompleteRequest completeRequestFrom(const Json& json) {
    return {json.str("state"),
            json.getStr("code"),
            json.getStr("error"),
            json.getStr("iss"),
            texts(json, "picked_file_ids"),
            json.str("session_binding")};
}

Json toJson(const CompleteResult& result) {
    return Json::object({{"connection", result.connection.str()},
                         {"tenant", result.tenant.str()},
                         {"user", result.user.str()},
                         {"plugin", result.plugin.str()},
                         {"account", result.account},
                         {"granted", textList(result.granted)},
                         {"missing", textList(result.missing)},
                         {"picked_file_ids", textList(result.picked_file_ids)},
                         {"return_to", result.return_to},
                         {"pending", result.pending}});
}

CompleteResult completeResultFrom(const Json& json) {
    return {ConnectionId(json.str("connection")),
            TenantId(json.str("tenant")),
            UserId(json.str("user")),
            PluginId(json.str("plugin")),
            json.str("account"),
            texts(json, "granted"),
            texts(json, "missing"),
            texts(json, "picked_file_ids"),
            json.str("return_to"),
            json.getStr("pending")};
}

Json toJson(const PendingGrant& pending) {
    return Json::object({{"id", pending.id},
                         {"plugin", pending.plugin.str()},
                         {"signed_in", pending.signed_in},
                         {"belongs_to", pending.belongs_to},
                         {"expires_at", toMillis(pending.expires_at)}});
}

PendingGrant pendingGrantFrom(const Json& json) {
    return {json.str("id"), PluginId(json.str("plugin")), json.str("signed_in"), json.str("belongs_to"),
            fromMillis(json.integer("expires_at"))};
}

Json toJson(const PendingRequest& request) {
    return Json::object({{"tenant", request.tenant.str()},
                         {"user", request.user.str()},
                         {"session_binding", request.session_binding},
                         {"id", request.id}});
}

PendingRequest pendingRequestFrom(const Json& json) {
    return {TenantId(json.str("tenant")), UserId(json.str("user")), json.getStr("session_binding"), json.getStr("id")};
}

Json toJson(const ConnectionInfo& info) {
    Json scopes = Json::array();
    for (const ConnectionScope& scope : info.scopes) {
        Json item = Json::object({{"scope", scope.scope},
                                  {"reason", scope.reason},
                                  {"granted", scope.granted},
                                  {"optional", scope.optional},
                                  {"requested", scope.requested}});
        if (scope.last_used_at) item.set("last_used_at", toMillis(*scope.last_used_at));
        scopes.push(std::move(item));
    }
    Json json = Json::object({{"id", info.id.str()},
                              {"tenant", info.tenant.str()},
                              {"user", info.user.str()},
                              {"plugin", info.plugin.str()},
                              {"connection_name", info.connection_name},
                              {"provider", info.provider},
                              {"server", info.server},
                              {"account", info.account},
                              {"account_id", info.account_id},
                              {"state", info.state},
                              {"problem", info.problem},
                              {"scopes", std::move(scopes)},
                              {"connected_at", toMillis(info.connected_at)}});
    if (info.last_used_at) json.set("last_used_at", toMillis(*info.last_used_at));
    return json;
}

ConnectionInfo connectionFrom(const Json& json) {
    ConnectionInfo out;
    out.id = ConnectionId(json.str("id"));
    out.tenant = TenantId(json.str("tenant"));
    out.user = UserId(json.str("user"));
    out.plugin = PluginId(json.str("plugin"));
    out.connection_name = json.str("connection_name");
    out.provider = json.str("provider");
    out.server = json.getStr("server");
    out.account = json.str("account");
    out.account_id = json.str("account_id");
    out.state = json.str("state");
    out.problem = json.str("problem");
    out.scopes = listFrom(json.at("scopes"), [](const Json& scope) {
        return ConnectionScope{scope.str("scope"),         scope.str("reason"),
                               scope.getBool("granted"),   scope.getBool("optional"),
                               scope.getBool("requested"), optInstant(scope, "last_used_at")};
    });
    out.connected_at = fromMillis(json.integer("connected_at"));
    out.last_used_at = optInstant(json, "last_used_at");
    return out;
}

Json toJson(const DisconnectRequest& request) {
    return Json::object({{"tenant", request.tenant.str()},
                         {"user", request.user.str()},
                         {"connection", request.connection.str()},
                         {"account", request.account},
                         {"retry_revoking", request.retry_revoking},
                         {"for_everyone", request.for_everyone}});
}

DisconnectRequest disconnectRequestFrom(const Json& json) {
    return {TenantId(json.str("tenant")),
            UserId(json.str("user")),
            ConnectionId(json.getStr("connection")),
            json.getStr("account"),
            json.getBool("retry_revoking", true),
            json.getBool("for_everyone")};
}

Json toJson(const Receipt& receipt) {
    Json removed = Json::array();
    for (const RemovedConnection& item : receipt.removed)
        removed.push(Json::object({{"connection", item.connection.str()}, {"plugin", item.plugin.str()}}));
    return Json::object({{"number", receipt.number},
                         {"at", toMillis(receipt.at)},
                         {"removed", std::move(removed)},
                         {"revoked", receipt.revoked}});
}

Receipt receiptFrom(const Json& json) {
    return {json.str("number"), fromMillis(json.integer("at")),
            listFrom(json.at("removed"),
                     [](const Json& item) {
                         return RemovedConnection{ConnectionId(item.str("connection")), PluginId(item.str("plugin"))};
                     }),
            json.str("revoked")};
}

Json toJson(const LeaseRequest& request) {
    return Json::object({{"tenant", request.tenant.str()},
                         {"user", request.user.str()},
                         {"plugin", request.plugin.str()},
                         {"connection", request.connection.str()},
                         {"trace", request.trace}});
}

LeaseRequest leaseRequestFrom(const Json& json) {
    return {TenantId(json.str("tenant")), UserId(json.str("user")), PluginId(json.str("plugin")),
            ConnectionId(json.getStr("connection")), json.getStr("trace")};
}

Json toJson(const FetchRequest& request) {
    return Json::object({{"lease", request.lease}, {"request", request.request}});
}

FetchRequest fetchRequestFrom(const Json& json) { return {json.str("lease"), json.at("request")}; }

Json toJson(const Use& use) {
    return Json::object({{"id", use.id},
                         {"at", toMillis(use.at)},
                         {"trace", use.trace},
                         {"plugin", use.plugin.str()},
                         {"user", use.user.str()},
                         {"connection", use.connection.str()},
                         {"method", use.method},
                         {"host", use.host},
                         {"path", use.path},
                         {"status", use.status},
                         {"bytes_out", use.bytes_out},
                         {"bytes_in", use.bytes_in},
                         {"ms", use.ms},
                         {"refusal", use.refusal}});
}

Use useFrom(const Json& json) {
    return {json.str("id"),
            fromMillis(json.integer("at")),
            json.str("trace"),
            PluginId(json.str("plugin")),
            UserId(json.str("user")),
            ConnectionId(json.str("connection")),
            json.str("method"),
            json.str("host"),
            json.str("path"),
            static_cast<int>(json.integer("status")),
            json.integer("bytes_out"),
            json.integer("bytes_in"),
            json.integer("ms"),
            json.str("refusal")};
}

Json toJson(const UseGroup& group) {
    return Json::object({{"id", group.id},
                         {"plugin", group.plugin.str()},
                         {"connection", group.connection.str()},
                         {"method", group.method},
                         {"host", group.host},
                         {"path", group.path},
                         {"first_at", toMillis(group.first_at)},
                         {"last_at", toMillis(group.last_at)},
                         {"count", group.count},
                         {"failed", group.failed}});
}

UseGroup useGroupFrom(const Json& json) {
    return {json.str("id"),
            PluginId(json.str("plugin")),
            ConnectionId(json.str("connection")),
            json.str("method"),
            json.str("host"),
            json.str("path"),
            fromMillis(json.integer("first_at")),
            fromMillis(json.integer("last_at")),
            json.integer("count"),
            json.integer("failed")};
}

Json toJson(const LogEntry& entry) {
    return Json::object({{"id", entry.id},
                         {"at", toMillis(entry.at)},
                         {"user", entry.user.str()},
                         {"plugin", entry.plugin.str()},
                         {"connection", entry.connection.str()},
                         {"kind", entry.kind},
                         {"detail", entry.detail}});
}

LogEntry logEntryFrom(const Json& json) {
    return {json.str("id"),
            fromMillis(json.integer("at")),
            UserId(json.str("user")),
            PluginId(json.str("plugin")),
            ConnectionId(json.str("connection")),
            json.str("kind"),
            json.str("detail")};
}

Json toJson(const SecurityEffect& effect) {
    return Json::object({{"tenant", effect.tenant.str()},
                         {"user", effect.user.str()},
                         {"plugin", effect.plugin.str()},
                         {"connection", effect.connection.str()},
                         {"kind", effect.kind},
                         {"detail", effect.detail}});
}

SecurityEffect securityEffectFrom(const Json& json) {
    return {TenantId(json.str("tenant")),         UserId(json.str("user")), PluginId(json.str("plugin")),
            ConnectionId(json.str("connection")), json.str("kind"),         json.str("detail")};
}

}  // namespace portico::credential
