// SPDX-License-Identifier: Apache-2.0
// The rows of vault.db and the statements on them. Functions on a Tx, confined to it; they know nothing of keys: what
// is sealed stays sealed here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/credential/types.h"
#include "host/storage/tx.h"

namespace portico::credential {

namespace state {
inline constexpr std::string_view kConnected = "connected", kNeedsReconnect = "needsReconnect", kRevoked = "revoked";
}

inline constexpr std::string_view kPasswordProvider = "basic";

struct ConnectionRow {
    TenantId tenant;
    ConnectionId id;
    UserId user;
    PluginId plugin;
    std::string name, provider, account_id, subject_key, email_key, account_sealed, state, problem;
    std::vector<std::string> granted;               // canonical and sorted
    std::vector<std::string> requested;             // by the newest consent, as the manifest writes them
    std::map<std::string, Instant> scopes_used_at;  // read, never written back
    std::string server;                             // what a password is for; empty with OAuth
    Instant connected_at;
    std::optional<Instant> last_used_at;
    std::int64_t epoch = 0;  // of its grant; 0 when it has none
};

struct GrantRow {
    std::int64_t epoch = 0;    // another random number with each consent: the fence of refreshes
    std::int64_t version = 0;  // grows with each sealing
    std::string key_sealed, token_sealed;
    Instant granted_at, refreshed_at;
    std::optional<Instant> ends_at;  // time-limited consent
    // HMACs of what the provider calls the token; empty for passwords and for what was sealed before there were these.
    std::string prefix_key{}, hash_key{};
    std::string client_id{};  // of the OAuth client it was given to; empty for passwords
};

struct TransactionRow {
    TenantId tenant;
    UserId user;
    PluginId plugin;
    std::string connection_name, state_hash, session_hash, verifier_sealed, nonce, return_to;
    std::vector<std::string> scopes;
    std::string server;  // of a form for a password; empty with OAuth
    bool picker = false;
    Instant expires_at;
    ConnectionId expected{};  // whose account it was begun for; empty: whoever signs in
};

// A permission of another account than expected: waits for the user's word.
struct PendingRow {
    TenantId tenant;
    std::string id;
    UserId user;
    PluginId plugin;
    std::string connection_name, session_hash;
    ConnectionId expected;
    std::vector<std::string> scopes;  // that were asked for
    std::string return_to, sealed;
    Instant expires_at;
};

struct RevocationRow {
    TenantId tenant;
    std::string id;
    UserId user;
    std::string provider, receipt, sealed;
    std::int64_t attempts = 0;
    Instant next_at, expires_at;
};

std::string scopesText(const std::vector<std::string>& scopes);
std::vector<std::string> scopesFromText(std::string_view text);

std::optional<ConnectionRow> findConnection(storage::Tx& tx, const ConnectionId& id);
std::vector<ConnectionRow> listConnections(storage::Tx& tx, const UserId& user);  // the tenant's when user is empty
void insertConnection(storage::Tx& tx, const ConnectionRow& row);
// All columns but the key; used when an account is connected again.
void updateConnection(storage::Tx& tx, const ConnectionRow& row);
void setConnectionState(storage::Tx& tx, const ConnectionId& id, std::string_view state, const std::string& problem);
// Its owner must connect it again; written to its log. Nothing happens unless the row is the present one and connected.
void needsReconnect(storage::Tx& tx, const ConnectionRow& row, const std::string& problem, Instant now);
// Connections of a provider whose permission was given to another client than this wait, with that problem; those that
// waited for it and are this client's go on. With entries in their logs.
void markConnections(storage::SystemTx& tx, const std::string& provider, const std::string& client_id,
                     const std::string& problem, Instant now);
// Whose permissions of a provider were given to this client, and how many to others.
struct Standing {
    std::vector<GrantRow> grants;  // of this client; times alone
    std::int64_t own = 0, others = 0;
};
Standing standingOf(storage::SystemTx& tx, const std::string& provider, const std::string& client_id);
void deleteConnection(storage::Tx& tx, const ConnectionId& id, Instant now);  // with its grant; leaves a tombstone

std::optional<GrantRow> findGrant(storage::Tx& tx, const ConnectionId& id);
void putGrant(storage::Tx& tx, const ConnectionId& id, const GrantRow& grant);
void deleteGrant(storage::Tx& tx, const ConnectionId& id);
// The fence: true when the grant still was the one of that epoch and version.
bool touchGrant(storage::Tx& tx, const ConnectionId& id, const GrantRow& seen, Instant now);
bool resealGrant(storage::Tx& tx, const ConnectionId& id, const GrantRow& resealed, Instant now);
// Whose token may have one of these names: the names match, or the grant has none yet. Exactly one is given.
std::vector<ConnectionId> grantsNamed(storage::Tx& tx, const std::string& prefix_key, const std::string& hash_key);

void insertTransaction(storage::Tx& tx, const TransactionRow& row);
// Takes the row out: a state works once. The tenant is not known before.
std::optional<TransactionRow> takeTransaction(storage::SystemTx& tx, const std::string& state_hash);

void insertPending(storage::Tx& tx, const PendingRow& row);
std::vector<PendingRow> listPending(storage::Tx& tx, const UserId& user);  // the tenant's when user is empty
// False when somebody else took it first: each waits for one word.
bool takePending(storage::Tx& tx, const std::string& id);
std::vector<std::pair<TenantId, std::string>> expiredPending(storage::SystemTx& tx, Instant now);

void insertUse(storage::Tx& tx, const Use& use);
void finishUse(storage::Tx& tx, const Use& use);  // what came of it
void markUsed(storage::Tx& tx, const Use& use);   // the connection and the scope, at use.at
std::vector<Use> listUses(storage::Tx& tx, const UserId& user, int limit);
void addLog(storage::Tx& tx, const ConnectionRow& row, Instant at, std::string_view kind, const std::string& detail);
std::vector<UseGroup> listUseGroups(storage::Tx& tx, const UserId& user, int limit);
std::vector<LogEntry> listLog(storage::Tx& tx, const UserId& user, int limit);
std::int64_t eraseHistory(storage::Tx& tx, const UserId& user);  // both; how many

void insertRevocation(storage::Tx& tx, const RevocationRow& row);
void deleteRevocation(storage::Tx& tx, const std::string& id);
std::vector<RevocationRow> dueRevocations(storage::SystemTx& tx, Instant now);
std::vector<RevocationRow> listRevocations(storage::Tx& tx);

}  // namespace portico::credential
