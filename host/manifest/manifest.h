// SPDX-License-Identifier: Apache-2.0
// What a plugin says about itself (plugin.json), read strictly: an unknown member, a missing reason or a rule that
// names a host without a path template is an error that names its JSON path. Everyone else (registry, consent page,
// vault, privacy page) knows a plugin only through this. Immutable once made; safe to share.
// A basic connection sends its password to one server, which its manifest names or a tenant's administrator chooses in
// the setting (type string, format "server") that the rules name as {settings.NAME}.
//
// Invariants: every scope and every connection has a reason in words; every rule's scope is one of its connection's;
// no rule names a host or path that hands out or explains tokens; streams and actions name existing connections.
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

// One kind of request that a connection may make.
struct Rule {
    std::string host;  // a DNS name, or "{settings.NAME}"
    std::string method;
    PathTemplate path;
    std::vector<std::pair<std::string, std::string>> required_query;  // exactly once each, with exactly this value
    std::vector<std::string> allowed_query;
    std::vector<std::string> headers;  // beyond those every request may carry; lower case
    std::string scope;                 // empty only for connections that are not oauth2
    std::int64_t max_body = 0;         // bytes of request body
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
};

struct RecordAccess {
    std::string kind;  // contact | event | file
    bool read = false, write = false;
    std::string reason;
};

// Permission to receive data that came from elsewhere, e.g. "google-data".
struct Provenance {
    std::string permission, reason, destination;
};

struct Stream {
    std::string name, title, record, connection, direction;  // direction: both | push | pull
    std::chrono::seconds every{};
    int batch = 0;
};

struct Action {
    std::string name, title;
    std::optional<std::string> connection;
    std::string role;  // staff | admin
    Json args;         // JSON Schema of its arguments
};

struct Limits {
    int memory_mib = 256;
    int call_seconds = 60;
};

// Where a plugin's files come from, as far as signatures prove it.
struct Trust {
    enum class State { BuiltIn, Signed, Modified, Unsigned } state = State::Unsigned;
    std::string signed_by;                     // the key's name, for BuiltIn and Signed
    std::string file;                          // Modified: the first file that differs, is missing or is not listed
    bool may_run = false;                      // BuiltIn, Signed, or Unsigned in developer mode
    std::map<std::string, std::string> files;  // BuiltIn, Signed: the proven SHA-256 (hex) of each file, to hold
                                               // against the bytes when they are used
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
    std::vector<Action> actions;
    Json settings, ui;
    Limits limits;
    bool builtin_required = false;

    std::string hash;              // SHA-256 hex of plugin.json as read: what a tenant's consent refers to
    std::filesystem::path folder;  // empty for a manifest parsed from text
    Trust trust;

    const Connection* connection(std::string_view wanted) const;
    const Stream* stream(std::string_view wanted) const;
    const Action* action(std::string_view wanted) const;
    bool provided(std::string_view extension) const;
};

// Throws Invalid naming the JSON path ("connections[0].rules[2].path").
Manifest parse(const Json& document);

// The one server a basic connection's password is for, given the tenant's settings of the plugin: written in the
// manifest, or chosen by an administrator; empty while nobody has chosen one.
std::string serverOf(const Connection& connection, const Json& settings);

// Kinds of hosts, paths and headers that no manifest can open (security model: they would show or change credentials).
bool isForbiddenTarget(std::string_view host, std::string_view first_segment);
bool isForbiddenHeader(std::string_view lower_case_name);

}  // namespace portico::manifest
