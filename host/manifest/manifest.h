// SPDX-License-Identifier: Apache-2.0
// What a plugin says about itself (plugin.json), read strictly: an unknown member, a missing reason or a rule that
// names a host without a path template is an error that names its JSON path. Everyone else (registry, consent page,
// vault, privacy page) knows a plugin only through this. Immutable once made; safe to share.
// A basic connection sends its password to one server, which its manifest names or a tenant's administrator chooses in
// the setting (type string, format "server") that the rules name as {settings.NAME}.
//
// plugin-api/schemas/plugin.schema.json says the same to editors; tests/unit/manifest/corpus.json holds both together.
//
// Invariants: every scope and every connection has a reason in words; every rule's scope is one of its connection's;
// no rule names a host or path that hands out or explains tokens; streams, actions, webhooks and availability name
// existing connections and streams, and the tables that serve them are provided; schemas keep to the profile.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/ids.h"
#include "host/base/json.h"
#include "host/manifest/path_template.h"

namespace portico::manifest {

struct Scope {
    std::string scope;   // the provider's name for it
    std::string reason;  // plain words, shown before consent
    bool optional = false;
};

// A named choice among optional scopes ("in a calendar of yours", "in a calendar of its own"): one set of a connection
// is chosen, and of the optional scopes only those in it are asked for.
struct ScopeSet {
    std::string name, title, reason;
    std::vector<std::string> scopes;
};

// One kind of request that a connection may make.
struct Rule {
    std::string host;  // a DNS name, or "{settings.NAME}"
    std::string method;
    PathTemplate path;
    std::vector<std::pair<std::string, std::string>> required_query;  // exactly once each, with exactly this value
    std::vector<std::string> allowed_query;
    std::vector<std::string> headers;              // beyond those every request may carry; lower case
    std::vector<std::string> scopes;               // one granted is enough; none for connections that are not oauth2
    std::int64_t max_body = 0;                     // bytes of request body
    std::map<std::string, std::string> vars = {};  // the patterns of the path's variables, as written
};

enum class ConnectionKind { OAuth2, Basic, None };

struct Connection {
    std::string name;
    ConnectionKind kind = ConnectionKind::None;
    std::string provider;
    std::string reason;
    std::vector<Scope> scopes;
    bool picker = false;           // files are chosen on the provider's own page; the scope is then drive.file alone
    std::vector<Rule> rules;       // of a basic connection: at least one, all of the same host
    std::string server_setting{};  // NAME, when that host is {settings.NAME}
    std::vector<ScopeSet> scope_sets;  // the first one is the default
    std::string scope_setting;         // the setting by which an admin chooses the set; empty: each user does

    const ScopeSet* scopeSet(std::string_view wanted) const;
    const ScopeSet* setOf(std::string_view scope) const;  // the first that holds it
};

struct RecordAccess {
    std::string kind;  // contact | event | file
    bool read = false, write = false;
    std::string reason;
};

// Permission to receive fields that another plugin brought from an account at a provider. "google-data" names what came
// from Google; for a service without a provider's name it is its plugin's id: "org.example.crm-data".
struct Provenance {
    std::string permission, reason, destination;
    std::vector<std::string> fields;  // of provenanceFields()
};

// What can come from elsewhere, as manifests name it: "contact.phones". A member of a card that Portico does not know
// is contact.other.
const std::vector<std::string>& provenanceFields();
std::string provenancePermission(std::string_view provider);  // "google" -> "google-data"
std::string providerOf(std::string_view permission);

struct Stream {
    std::string name, title, record, connection, direction;  // direction: both | push | pull
    std::chrono::seconds every{};
    int batch = 0;
    std::string reason = {};
};

// The service tells the host when something of a stream changed (portico.webhook/1).
struct Webhook {
    std::string stream, reason;
};

// Busy times are asked for through this connection (portico.availability/1).
struct Availability {
    std::string connection, reason;
};

struct Action {
    std::string name, title;
    std::optional<std::string> connection;
    std::string role;  // staff | admin | host: no person may
    Json args;         // JSON Schema of its arguments
    std::string reason = {};
};

// What the plugin adds to our pages: an action whose result is a UI tree (host/plugin/ui_tree.h), and where it goes.
struct Contribution {
    std::string point;   // "client.panel/v1"; points that this host does not know are kept and never drawn
    std::string action;  // names one of the plugin's
    std::string title;
    std::string icon;                             // one of a fixed set (plugin.schema.json)
    std::map<std::string, std::string> titles{};  // in other languages, by their two letters
};

struct Limits {
    int memory_mib = 256;
    int call_seconds = 60;
    int calls_per_minute = 600;  // of one tenant
    int cpu_percent = 50;        // of one core, over a minute
};

// Where a plugin's files come from, as far as signatures prove it.
struct Trust {
    enum class State { BuiltIn, Signed, Modified, Unsigned } state = State::Unsigned;
    std::string signed_by;                     // the key's name, for BuiltIn and Signed
    std::string file;                          // Modified: the first file that differs, is missing or is not listed
    bool may_run = false;                      // BuiltIn, Signed, or Unsigned in developer mode
    std::map<std::string, std::string> files;  // BuiltIn, Signed: the proven SHA-256 (hex) of each file, to hold
                                               // against the bytes when they are used
    std::string why = {};                      // Modified, Unsigned: plain words
};
std::string_view trustName(Trust::State state);  // "builtIn", "signed", "modified", "unsigned"

struct Manifest {
    PluginId id;
    std::string version, name, description, vendor, license;
    int abi_major = 0, abi_minor = 0;
    std::string library;
    int concurrency = 1;
    std::vector<std::string> requires_host, optional_host, provides;
    std::vector<Connection> connections;
    std::vector<RecordAccess> records;
    std::vector<Provenance> provenance;
    std::vector<Stream> streams;
    std::vector<std::string> events;
    std::string events_reason;  // given when there are events
    std::vector<Action> actions;
    std::vector<Webhook> webhooks;
    std::optional<Availability> availability;
    Json settings;
    std::vector<Contribution> contributes;
    Limits limits;
    bool builtin_required = false;

    std::string text;              // plugin.json as read
    std::string hash;              // SHA-256 hex of plugin.json as read: what a tenant's consent refers to
    std::filesystem::path folder;  // empty for a manifest parsed from text
    Trust trust;

    const Connection* connection(std::string_view wanted) const;
    const Stream* stream(std::string_view wanted) const;
    const Action* action(std::string_view wanted) const;
    const Contribution* contribution(std::string_view point) const;  // the first at that point
    bool provided(std::string_view extension) const;
};

// What the connection's provider is called in permissions: "google"; without one, the plugin's id.
std::string providerOf(const Manifest& manifest, const Connection& connection);

// Throws Invalid naming the JSON path ("connections[0].rules[2].path").
Manifest parse(const Json& document);

// The one server a basic connection's password is for, given the tenant's settings of the plugin: written in the
// manifest, or chosen by an administrator; empty while nobody has chosen one.
std::string serverOf(const Connection& connection, const Json& settings);

// The scope set that an administrator chose; null where each user does, or there is none to choose.
const ScopeSet* chosenSet(const Connection& connection, const Json& settings);

// Kinds of hosts, paths and headers that no manifest can open (security model: they would show or change credentials).
bool isForbiddenTarget(std::string_view host, std::string_view first_segment);
bool isForbiddenHeader(std::string_view lower_case_name);

}  // namespace portico::manifest
