// SPDX-License-Identifier: Apache-2.0
#include "memory_parts.h"

#include <algorithm>

namespace portico::api::test {

// ---- vault

credential::BeginResult MemoryVault::begin(const credential::BeginRequest& request) {
    const std::lock_guard lock(mutex_);
    const std::string state = newId();
    begun_[state] = last_begin_ = request;
    if (!request.server.empty()) return {"", state, state};
    return {"https://accounts.google.test/auth?state=" + state, state, ""};
}

credential::VaultStatus MemoryVault::status() {
    credential::VaultStatus status;
    status.configured = !setup.client_id.empty();
    return status;
}

credential::ProviderSetup MemoryVault::providerSetup() {
    if (sealed) throw Error(Code::Unavailable, "vault_sealed", "the vault is sealed");
    return setup;
}

credential::ClientVerdict MemoryVault::askForClient() { return verdict; }

void MemoryVault::putClient(const credential::NewClient& client, const SecretBytes& given) {
    if (verdict.verdict == "refused") throw Error(Code::Invalid, "client_refused", "Google says " + verdict.detail);
    if (setup.connections > 0 && client.id != setup.client_id && !client.replace)
        throw Error(Code::Conflict, "client_in_use", "connections belong to another client");
    setup.client_id = client.id;
    setup.has_secret = setup.secret_plausible = true;
    setup.set_at = clock_.now();
    secret = std::string(given.reveal());
}

void MemoryVault::forgetClient() { setup = {}; }

ConnectionId MemoryVault::connect(const TenantId& tenant, const UserId& user, const std::string& plugin) {
    credential::ConnectionInfo info;
    info.id = ConnectionId(newId());
    info.tenant = tenant;
    info.user = user;
    info.plugin = PluginId(plugin);
    info.provider = "google";
    info.account = "mia@gmail.test";
    info.account_id = "account-of-mia";
    info.state = "connected";
    info.scopes = {{"https://www.googleapis.com/auth/contacts", "Keep clients in step", true, false}};
    info.connected_at = clock_.now();
    connections_.push_back(info);
    return info.id;
}

credential::CompleteResult MemoryVault::complete(const credential::CompleteRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto begun = begun_.find(request.state);
    if (begun == begun_.end()) throw Error(Code::Denied, "oauth_state", "connect: this state is unknown or was used");
    const credential::BeginRequest asked = begun->second;
    if (asked.session_binding != request.session_binding)
        throw Error(Code::Denied, "oauth_session", "connect: begun in another session");
    begun_.erase(begun);
    if (!request.error.empty()) {
        throw Error(Code::Denied, "consent_refused", "connect: the consent was refused")
            .withDetails(Json::object({{"return_to", asked.return_to}}).dump());
    }
    if (request.code == "other") {
        const std::string pending = newId();
        pending_[pending] = asked;
        return {{}, asked.tenant, asked.user, asked.plugin, "other@gmail.test", {}, {}, {}, asked.return_to, pending};
    }
    ConnectionId id = asked.reconnect;
    if (id.empty()) id = connect(asked.tenant, asked.user, asked.plugin.str());
    return {
        id, asked.tenant, asked.user, asked.plugin, "mia@gmail.test", {}, {}, request.picked_file_ids, asked.return_to};
}

std::vector<credential::PendingGrant> MemoryVault::pendingGrants(const credential::PendingRequest& request) {
    const std::lock_guard lock(mutex_);
    std::vector<credential::PendingGrant> found;
    for (const auto& [id, asked] : pending_)
        if (asked.user == request.user && asked.session_binding == request.session_binding)
            found.push_back({id, asked.plugin, "other@gmail.test", "mia@gmail.test", clock_.now()});
    return found;
}

credential::BeginRequest MemoryVault::takePending(const credential::PendingRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(request.id);
    if (found == pending_.end() || found->second.user != request.user)
        throw Error(Code::NotFound, "pending_over", "answered already");
    const credential::BeginRequest asked = found->second;
    pending_.erase(found);
    return asked;
}

credential::CompleteResult MemoryVault::acceptPending(const credential::PendingRequest& request) {
    const auto asked = takePending(request);
    return {connect(asked.tenant, asked.user, asked.plugin.str()),
            asked.tenant,
            asked.user,
            asked.plugin,
            "other@gmail.test",
            {},
            {},
            {},
            asked.return_to};
}

void MemoryVault::discardPending(const credential::PendingRequest& request) { takePending(request); }

credential::BeginResult MemoryVault::retryPending(const credential::PendingRequest& request) {
    return begin(takePending(request));
}

credential::CompleteResult MemoryVault::connectPassword(const credential::PasswordRequest& request,
                                                        const SecretBytes& password) {
    const std::lock_guard lock(mutex_);
    const auto begun = begun_.find(request.form);
    if (begun == begun_.end() || password.empty()) throw Error(Code::Denied, "form_used", "this form was sent before");
    const credential::BeginRequest asked = begun->second;
    begun_.erase(begun);
    credential::ConnectionInfo info;
    info.id = ConnectionId(newId());
    info.tenant = asked.tenant;
    info.user = asked.user;
    info.plugin = asked.plugin;
    info.connection_name = asked.connection_name;
    info.provider = "basic";
    info.server = asked.server;
    info.account = request.user_name;
    info.state = "connected";
    info.connected_at = clock_.now();
    connections_.push_back(info);
    return {info.id, asked.tenant, asked.user, asked.plugin, request.user_name, {}, {}, {}, ""};
}

void MemoryVault::refusePassword(const ConnectionId& id) {
    const std::lock_guard lock(mutex_);
    for (auto& connection : connections_)
        if (connection.id == id) connection.state = "needsReconnect";
}

void MemoryVault::checkServer(const std::string& server) {
    if (server.find(':') != std::string::npos) throw Error(Code::Denied, "server_not_allowed", "ask the operator");
}

std::vector<credential::ConnectionInfo> MemoryVault::connections(const TenantId& tenant, const UserId& user) {
    const std::lock_guard lock(mutex_);
    std::vector<credential::ConnectionInfo> found;
    for (const auto& connection : connections_)
        if (connection.tenant == tenant && (user.empty() || connection.user == user)) found.push_back(connection);
    return found;
}

credential::ConnectionInfo MemoryVault::connection(const TenantId& tenant, const ConnectionId& id) {
    for (auto& connection : connections(tenant, UserId()))
        if (connection.id == id) return connection;
    throw Error(Code::NotFound, "no_connection", "this connection does not exist");
}

std::vector<credential::SecurityEffect> MemoryVault::securityEvent(std::string_view token) {
    if (token != "signed") throw Error(Code::Denied, "invalid_key", "it is signed with another key");
    const std::lock_guard lock(mutex_);
    std::vector<credential::SecurityEffect> effects;
    for (const credential::ConnectionInfo& each : connections_)
        effects.push_back({each.tenant, each.user, each.plugin, each.id, "revoked", "withdrawn"});
    return effects;
}

credential::Receipt MemoryVault::disconnect(const credential::DisconnectRequest& request) {
    const std::lock_guard lock(mutex_);
    const bool kept = shared && !request.for_everyone;
    credential::Receipt receipt{"R-1", clock_.now(), {}, kept ? "sharedHere" : "confirmed"};
    std::erase_if(connections_, [&](const credential::ConnectionInfo& connection) {
        const bool of_account = connection.server.empty() && !request.account.empty() &&
                                (connection.account == request.account || connection.account_id == request.account);
        const bool meant = connection.tenant == request.tenant && connection.user == request.user &&
                           (connection.id == request.connection || of_account);
        if (meant) receipt.removed.push_back({connection.id, connection.plugin});
        return meant;
    });
    return receipt;
}

// The API itself never fetches; a plugin's request with a file's content is answered with that.
credential::FetchResult MemoryVault::fetch(const credential::FetchRequest& request, std::string_view,
                                           credential::BlobSource* source, credential::BlobSink*) {
    const Json& blob = request.request.at("body_blob");
    return {Json::object({{"status", 200}}), source->read(blob.str("id"), blob.integer("offset"), 1000)};
}

std::vector<credential::Use> MemoryVault::uses(const TenantId& tenant, const UserId& user, int limit) {
    std::vector<credential::Use> found;
    for (const auto& use : uses_)
        if (use.user == user && static_cast<int>(found.size()) < limit && !tenant.empty()) found.push_back(use);
    return found;
}

// Each use is a group of its own.
std::vector<credential::UseGroup> MemoryVault::useGroups(const TenantId& tenant, const UserId& user, int limit) {
    std::vector<credential::UseGroup> found;
    for (const auto& use : uses(tenant, user, limit))
        found.push_back({use.id, use.plugin, use.connection, use.method, use.host, use.path, use.at, use.at, 1, 0});
    return found;
}

std::vector<credential::LogEntry> MemoryVault::log(const TenantId&, const UserId& user, int) {
    return {{newId(), clock_.now(), user, PluginId("google-contacts"), ConnectionId(newId()), "scopeChanged",
             "less than asked"}};
}

std::int64_t MemoryVault::eraseHistory(const TenantId&, const UserId& user) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(std::erase_if(uses_, [&](const auto& use) { return use.user == user; }));
}

// ---- plugins

namespace {

manifest::Manifest plain(const std::string& id, const std::string& name) {
    manifest::Manifest manifest;
    manifest.id = PluginId(id);
    manifest.name = name;
    manifest.version = "1.0.0";
    manifest.trust.state = manifest::Trust::State::BuiltIn;
    manifest.trust.may_run = true;
    return manifest;
}

manifest::Connection google(bool picker) {
    manifest::Connection connection;
    connection.name = "google";
    connection.kind = manifest::ConnectionKind::OAuth2;
    connection.provider = "google";
    connection.reason = "to keep both in step";
    connection.scopes = {{"https://www.googleapis.com/auth/contacts", "Keep clients in step", false}};
    connection.picker = picker;
    return connection;
}

manifest::Manifest contactsPlugin() {
    manifest::Manifest manifest = plain("google-contacts", "Google Contacts");
    manifest.connections = {google(false)};
    manifest.settings = Json::parse(R"({"type":"object","properties":{"group":{"type":"string"}}})");
    manifest.actions = {{"check", "Check", std::nullopt, "admin", Json::object()},
                        {"panel", "Panel", "google", "staff", Json::object()},
                        {"sync", "Sync now", "google", "staff", Json::object()}};
    manifest.contributes = {{"client.panel/v1", "panel", "Google Contacts", "cloud"},
                            {"command/v1", "check", "Check the contacts", "check"},
                            {"hologram.wall/v7", "panel", "Later", "puzzle"}};
    manifest.records = {{"contact", true, true, "Clients"}};
    manifest.streams = {{"contacts", "Clients", "contact", "google", "both", std::chrono::seconds(300), 100}};
    return manifest;
}

manifest::Manifest drivePlugin() {
    manifest::Manifest manifest = plain("google-drive", "Google Drive");
    manifest.connections = {google(true)};
    return manifest;
}

manifest::Manifest calendarPlugin() {
    manifest::Manifest manifest = plain("google-calendar", "Google Calendar");
    manifest.connections = {google(false)};
    manifest::Connection& connection = manifest.connections[0];
    connection.scopes.push_back({"https://x.test/own", "In a calendar of yours", true});
    connection.scopes.push_back({"https://x.test/new", "In a calendar of its own", true});
    connection.scope_sets = {{"own", "Yours", "Everything in one place", {"https://x.test/own"}},
                             {"new", "Its own", "Nothing else is touched", {"https://x.test/new"}}};
    manifest.provides = {"portico.sync/1", "portico.availability/1"};
    manifest.actions = {{"panel", "Panel", std::nullopt, "staff", Json::object()}};
    manifest.contributes = {{"client.panel/v1", "panel", "Google Calendar", "calendar"}};
    manifest.records = {{"event", true, true, "Appointments"}};
    return manifest;
}

manifest::Manifest booksPlugin() {
    manifest::Manifest manifest = plain("books", "Address books");
    manifest::Connection connection;
    connection.name = "server";
    connection.kind = manifest::ConnectionKind::Basic;
    connection.reason = "to keep both in step";
    connection.server_setting = "server";
    manifest.connections = {connection};
    manifest.settings = Json::parse(R"({"type":"object","properties":{"server":{"type":"string","format":"server"}}})");
    manifest.streams = {{"contacts", "Clients", "contact", "server", "both", std::chrono::seconds(300), 100}};
    return manifest;
}

manifest::Manifest auditPlugin() {
    manifest::Manifest manifest = plain("audit-log", "Audit log");
    manifest.builtin_required = true;
    return manifest;
}

}  // namespace

MemoryPlugins::MemoryPlugins(const crm::BlobStore& blobs)
    : blobs_(blobs), manifests_{auditPlugin(), booksPlugin(), calendarPlugin(), contactsPlugin(), drivePlugin()} {}

void MemoryPlugins::add(manifest::Manifest manifest) {
    std::erase_if(manifests_, [&](const manifest::Manifest& old) { return old.id == manifest.id; });
    manifests_.push_back(std::move(manifest));
}

std::vector<PluginView> MemoryPlugins::list(const TenantId& tenant) {
    const std::lock_guard lock(mutex_);
    std::vector<PluginView> views;
    for (const manifest::Manifest& manifest : manifests_) {
        const std::pair key(tenant.str(), manifest.id.str());
        PluginView view;
        view.manifest = &manifest;
        view.enabled = !disabled_.contains(key);
        view.state = "running";
        if (settings_.contains(key)) view.settings = settings_.at(key);
        view.sandbox_level = 3;
        view.unconsented = unconsented;
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<const manifest::Manifest*> MemoryPlugins::installed() {
    std::vector<const manifest::Manifest*> all;
    for (const manifest::Manifest& manifest : manifests_) all.push_back(&manifest);
    return all;
}

void MemoryPlugins::setEnabled(const CallContext& context, const PluginId& plugin, bool enabled) {
    const std::lock_guard lock(mutex_);
    const std::pair key(context.tenant.str(), plugin.str());
    if (enabled)
        disabled_.erase(key);
    else
        disabled_.insert(key);
}

plugin::Erased MemoryPlugins::eraseData(const CallContext& context, const PluginId& plugin) {
    const std::lock_guard lock(mutex_);
    return {2, settings_.erase({context.tenant.str(), plugin.str()}) > 0};
}

void MemoryPlugins::putSettings(const CallContext& context, const PluginId& plugin, const Json& values) {
    const std::lock_guard lock(mutex_);
    if (values.has("group") && !values.at("group").isString())
        throw Error(Code::Invalid, "bad_value", "settings.group: must be text");
    settings_[{context.tenant.str(), plugin.str()}] = values;
}

Json MemoryPlugins::invoke(const CallContext& context, const PluginId& plugin, const ConnectionId&,
                           const std::string& action, const Json& args) {
    const std::lock_guard lock(mutex_);
    const std::string name = plugin.str() + "." + action;
    calls.push_back(name + " " + args.dump());
    time_left = context.deadline.left();
    if (failures.contains(name)) throw failures.at(name);
    if (trees.contains(name)) return trees.at(name);
    if (name == "google-drive.reserve") return Json::object({{"ref", "drive-file-0001"}});
    if (name == "google-drive.upload")
        return Json::object({{"ref", args.str("ref")}, {"webViewLink", "https://drive.test/1"}});
    if (name == "google-drive.share") return Json::object({{"permission", "perm1"}});
    if (name == "google-drive.adopt") {
        Json files = Json::array();
        for (const Json& id : args.at("ids").items())
            files.push(
                Json::object({{"ref", id.str()}, {"name", id.str() + ".pdf"}, {"mediaType", "application/pdf"}}));
        return Json::object({{"files", files}, {"missing", Json::array()}});
    }
    if (name == "audit-log.list") {
        const Json event =
            Json::parse(R"({"seq":7,"at":"2026-11-21T09:00:00.000Z","actor":"system","type":"contact.created",
                                           "subject":{"kind":"contact","id":"x"},"data":{"version":1}})");
        return Json::object({{"events", Json::array({event})}, {"next", "0000000000000007"}});
    }
    return Json::object();
}

crm::StoredBlob MemoryPlugins::download(const CallContext& context, const PluginId& plugin, const ConnectionId&,
                                        const std::string& action, const Json& args) {
    const std::string name = plugin.str() + "." + action;
    calls.push_back(name + " " + args.dump());
    if (failures.contains(name)) throw failures.at(name);
    return blobs_.put(context.tenant, "content of " + args.str("ref"));
}

std::vector<Json> MemoryPlugins::collections(const CallContext&, const PluginId&, const ConnectionId& connection,
                                             const std::string&) {
    if (on_collections) on_collections(connection);
    return {};
}

std::vector<Json> MemoryPlugins::busy(const CallContext&, const PluginId&, const ConnectionId&, const std::string&,
                                      Instant, Instant) {
    return busy_lines;
}

// ---- sync

void MemorySync::connected(const CallContext&, const ConnectionId& connection, const PluginId& plugin) {
    calls.push_back("connected " + plugin.str() + " " + connection.str());
}

void MemorySync::disconnected(const CallContext&, const ConnectionId& connection) {
    calls.push_back("disconnected " + connection.str());
}

void MemorySync::pluginErased(const CallContext&, const PluginId& plugin) { calls.push_back("erased " + plugin.str()); }

sync::Leaving MemorySync::leave(const CallContext& context, sync::Leaving leaving) {
    leaving.id = newId();
    leaving.user = context.actor.user;
    leaving.total = 3;
    under_way.push_back(leaving);
    return leaving;
}

void MemorySync::leaveNow(const CallContext& context, const std::string& id) {
    for (const sync::Leaving& leaving : leavings(context))
        if (leaving.id == id) return calls.push_back("leave now " + id);
    throw Error(Code::NotFound, "no_leaving", "there is nothing under way that could be ended");
}

std::vector<sync::Leaving> MemorySync::leavings(const CallContext& context) {
    std::vector<sync::Leaving> own;
    for (const sync::Leaving& leaving : under_way)
        if (leaving.user == context.actor.user) own.push_back(leaving);
    return own;
}

void MemorySync::dropLeaving(const CallContext& context, const std::string& id) {
    for (const sync::Leaving& leaving : leavings(context))
        if (leaving.id == id) return calls.push_back("drop " + id);
    throw Error(Code::NotFound, "no_leaving", "there is nothing under way that could be ended");
}

std::vector<sync::StreamStatus> MemorySync::status(const CallContext& context) { return streams[context.tenant]; }

void MemorySync::runNow(const CallContext&, const std::string& plugin, const std::string& connection,
                        const std::string& stream) {
    calls.push_back("run " + plugin + " " + connection + " " + stream);
}

std::vector<sync::Conflict> MemorySync::conflicts(const CallContext&, int) { return in_conflict; }

void MemorySync::pluginDisabling(const CallContext&, const PluginId& plugin) {
    calls.push_back("disabling " + plugin.str());
}

void MemorySync::pluginEnabled(const CallContext&, const PluginId& plugin) {
    calls.push_back("enabled " + plugin.str());
}

void MemorySync::sharingChanged(const CallContext&, const PluginId& plugin) {
    calls.push_back("sharing " + plugin.str());
}

bool MemorySync::notified(std::string_view secret, const Json& head, std::string_view body) {
    if (secret != hook) return false;
    notifications.push_back(head.dump() + std::string(body));
    return true;
}

}  // namespace portico::api::test
