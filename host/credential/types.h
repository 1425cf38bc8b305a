// SPDX-License-Identifier: Apache-2.0
// What callers of the vault give and get. Plain values; nothing in them is secret: no token, key or code verifier ever
// leaves the vault. Copied freely.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"

namespace portico::credential {

// What the vault's requests to a provider showed lately; nothing is known before the first.
struct ProviderState {
    std::string name, title;            // "google", "Google"
    std::optional<Millis> clock_ahead;  // at least so much this machine's clock is ahead of the provider's (below
                                        // zero: behind); zero: it may well be right
    std::optional<Instant> clock_seen_at;
    std::optional<Instant> failing_since;  // absent: it answers
    std::optional<Instant> next_try;       // when it is left alone until then
    std::string failure;                   // unreachable | errors | insecure (TLS); empty while it answers
};

// Of one plugin's requests to one API of the provider.
struct ApiSeen {
    PluginId plugin;
    std::string service;  // host/credential/providers/google_console.h
    bool enabled = false;
    Instant at;
};

struct VaultStatus {
    bool sealed = false;      // no key: nothing works but this call; `problem` says what to do
    bool configured = false;  // a client id is there, so accounts can be connected
    bool simulated = false;   // providers are redirected (google.connect_to): shown in the UI
    std::string problem;      // empty when all is well
    std::int64_t pending_revocations = 0;
    std::string put_back;  // the database is an older copy: what that means; empty when it is the newest
    std::vector<ProviderState> providers;
    std::int64_t damaged = 0;  // connections whose stored permission does not open: their owners connect them again
    bool disk_full = false;    // the last change could not be written for want of space
};

// What the vault knows of how the provider is set up: of our registration there, and from its answers.
struct ProviderSetup {
    std::string client_id;    // not secret; empty: none
    bool configured = false;  // in the configuration file, which wins; else set on the guided page
    bool has_secret = false;
    bool secret_plausible = false;  // it looks like one of the provider's
    std::optional<Instant> set_at;  // on the guided page
    std::string problem;            // why what was set cannot be used
    std::string redirect_uri;
    std::string alarm;                    // the provider refuses the client: its words, since the last request
    std::int64_t connections = 0;         // whose permission was given to this client
    std::int64_t others = 0;              // whose permission was given to another one: they wait for their owners
    std::int64_t seven_days = 0;          // of connections: those that end after seven days
    std::optional<Instant> testing_seen;  // last sign that permissions end after seven days …
    std::optional<Instant> lasting_seen;  // … and that they do not: one that is older still works
    std::vector<ApiSeen> apis;
    ProviderState state;
};

// What the provider says of a client when it is asked to do something that cannot succeed.
struct ClientVerdict {
    std::string verdict;  // accepted | refused | unreachable | none (there is no client)
    std::string detail;   // the provider's words or the network's; may be shown
};

struct NewClient {  // the secret goes beside it
    std::string id;
    bool replace = false;  // though connections of another client then wait for their owners
};

// Files are chosen on the provider's own page.
struct PickerOptions {
    bool multiple = false;
    std::vector<std::string> mime_types;
};

struct BeginRequest {
    TenantId tenant;
    UserId user;
    PluginId plugin;
    std::string connection_name;
    std::string session_binding;      // something only this browser's session has; kept as a hash
    std::string login_hint;           // e-mail; empty when not known
    std::vector<std::string> scopes;  // optional scopes of the manifest to ask for besides the required ones
    std::optional<PickerOptions> picker;
    std::string return_to;   // handed back by complete(), not looked at
    ConnectionId reconnect;  // an existing connection: its account is suggested and its scopes asked for again
    std::string server;      // connections of kind basic: what the user is shown, "host" or "host:port"
    // A connection of the user's, of any plugin, whose account shall sign in. Empty: that of `reconnect`, else of the
    // plugin's own connection, if there is one.
    ConnectionId account_of{};
    bool another_account = false;  // one more account is wanted: whoever signs in
};
struct BeginResult {
    std::string authorization_url;
    std::string transaction;  // not secret; for logs
    std::string form{};       // connections of kind basic instead of the URL: good for one PasswordRequest
};

// The password itself goes beside it, as SecretBytes.
struct PasswordRequest {
    std::string form;  // of the BeginResult
    std::string user_name, session_binding;
};

struct CompleteRequest {
    std::string state, code, error, iss;
    std::vector<std::string> picked_file_ids;
    std::string session_binding;
};
struct CompleteResult {
    ConnectionId connection;
    TenantId tenant;
    UserId user;
    PluginId plugin;
    std::string account;                        // e-mail
    std::vector<std::string> granted, missing;  // missing: asked for and not given
    std::vector<std::string> picked_file_ids;
    std::string return_to;
    // Not empty: somebody else signed in than expected. Nothing is connected; a PendingGrant of this id waits.
    std::string pending{};
};

// "Connect a different account?"
struct PendingGrant {
    std::string id;
    PluginId plugin;
    std::string signed_in, belongs_to;  // e-mails; the second is empty when that connection is gone
    Instant expires_at;
};
struct PendingRequest {
    TenantId tenant;
    UserId user;
    std::string session_binding;
    std::string id{};  // of the one to settle
};

struct ConnectionScope {
    std::string scope, reason;
    bool granted = false, optional = false;
    bool requested = false;  // by the newest consent; false in connections older than this note, unless granted
    std::optional<Instant> last_used_at{};
};
struct ConnectionInfo {
    ConnectionId id;
    TenantId tenant;
    UserId user;
    PluginId plugin;
    std::string connection_name, provider;  // provider: "basic" when it is by user name and password
    std::string server;                     // of those: the one server the password is for
    std::string account;                    // e-mail, or user name
    std::string account_id;                 // the same for all of the user's connections to one account
    std::string state;                      // connected | needsReconnect | revoked
    std::string problem;                    // empty when connected
    std::vector<ConnectionScope> scopes;
    Instant connected_at;
    std::optional<Instant> last_used_at;
};

struct DisconnectRequest {
    TenantId tenant;
    UserId user;
    ConnectionId connection;     // this connection …
    std::string account;         // … or all of the user's connections to the account with this account_id or e-mail
    bool retry_revoking = true;  // provider unreachable: keep a revocation-only record for at most 24 h, or drop it now
    bool for_everyone = false;   // revoke even though somebody else here uses the account: it ends for them, too
};
struct RemovedConnection {
    ConnectionId connection;
    PluginId plugin;
};
struct Receipt {
    std::string number;
    Instant at;
    std::vector<RemovedConnection> removed;
    // confirmed | shared (another plugin of the user uses the account) | sharedHere (another person here does) |
    // pending | unreachable | nothing (a password: there is nothing that a provider could revoke)
    std::string revoked;
};

// For one running call into a plugin: whose it is, and which connection it may use.
struct LeaseRequest {
    TenantId tenant;
    UserId user;
    PluginId plugin;
    ConnectionId connection;  // empty: a connection of kind none
    std::string trace;        // of the call; its requests are recorded under it
    Deadline deadline = Deadline::never();
};

struct FetchRequest {
    std::string lease;
    Json request{};  // portico.http/1: method, url, headers, query, body_blob, content_blob
    Deadline deadline = Deadline::never();
    GivenUp given_up = {};
};
struct FetchResult {
    Json head;  // {"status","headers"[,"content_bytes"]}
    std::string content;
};

// File bytes named by reference. Called on the thread that called fetch(), while it runs.
class BlobSource {
public:
    virtual ~BlobSource() = default;
    // 1..max bytes from the offset; throws when there are none.
    virtual std::string read(const std::string& blob, std::int64_t offset, std::size_t max) = 0;
};
class BlobSink {
public:
    virtual ~BlobSink() = default;
    // Pieces come in order, without gaps, starting at 0; at most kBlobPiece bytes each.
    virtual void write(const std::string& blob, std::int64_t offset, std::string_view bytes) = 0;
};
inline constexpr std::size_t kBlobPiece = 60 * 1024;

// The refusal of a use that was sent and whose end nobody wrote down: it is under way, or the vault died meanwhile.
inline constexpr std::string_view kUnanswered = "unanswered";

struct Use {
    std::string id;
    Instant at;
    std::string trace;
    PluginId plugin;
    UserId user;
    ConnectionId connection;
    std::string method, host, path;  // path: the rule's template, never the request's own ids
    int status = 0;                  // 0 when nothing was sent or no answer came
    std::int64_t bytes_out = 0, bytes_in = 0, ms = 0;
    std::string refusal;  // empty when it was let through and answered; kUnanswered
    std::string scope{};  // that the request needed; kept as the scope's last use alone
};

// Requests of one kind on one day (UTC).
struct UseGroup {
    std::string id;  // of its newest use
    PluginId plugin;
    ConnectionId connection;
    std::string method, host, path;
    Instant first_at, last_at;
    std::int64_t count = 0, failed = 0;  // failed: refused, unanswered, or answered with 400 and above
};

// What the provider's security event meant for one connection.
struct SecurityEffect {
    TenantId tenant;
    UserId user;
    PluginId plugin;
    ConnectionId connection;
    std::string kind;    // revoked | needsReconnect | noticed, as in the log
    std::string detail;  // plain words, without the account's name
};

struct LogEntry {
    std::string id;
    Instant at;
    UserId user;
    PluginId plugin;
    ConnectionId connection;
    std::string kind;    // connected | reconnected | scopeChanged | refreshFailed | revoked | needsReconnect |
                         // disconnected | revokeConfirmed | revokeUnconfirmed | noticed
    std::string detail;  // plain words, without the account's name
};

}  // namespace portico::credential
