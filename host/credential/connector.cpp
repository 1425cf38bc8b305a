// SPDX-License-Identifier: Apache-2.0
#include "host/credential/connector.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/credential/providers/google_console.h"
#include "host/manifest/url.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kStateLife = 10min;
constexpr auto kBudget = 20s;
constexpr std::size_t kMaxText = 4096;  // of anything the browser brings back

bool contains(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> unite(std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return list;
}

std::string join(const std::vector<std::string>& words, char separator) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : std::string(1, separator)) + word;
    return out;
}

[[noreturn]] void refuse(const std::string& reason, const std::string& text, const TransactionRow& transaction) {
    throw Error(Code::Denied, reason, text).withDetails(Json::object({{"return_to", transaction.return_to}}).dump());
}

// Never the same twice, so that a refresh of an older grant cannot pass for one of this.
std::int64_t newEpoch() {
    std::int64_t epoch = 0;
    for (const char c : randomBytes(7)) epoch = epoch << 8 | static_cast<unsigned char>(c);
    return epoch + 1;
}

}  // namespace

// What was chosen among sets stays chosen as long as the connection: its data lies where that set reaches.
std::vector<std::string> Connector::scopesToAsk(const BeginRequest& request, const manifest::Connection& connection,
                                                const std::optional<ConnectionRow>& existing) const {
    const auto held = [&](const std::string& scope) {
        return existing && contains(existing->granted, p_.provider.canonicalScope(scope));
    };
    const manifest::ScopeSet* kept = nullptr;
    for (const manifest::Scope& scope : connection.scopes)
        if (kept == nullptr && held(scope.scope)) kept = connection.setOf(scope.scope);
    std::vector<std::string> known, asked;
    for (const manifest::Scope& scope : connection.scopes) {
        known.push_back(scope.scope);
        const bool wished = contains(request.scopes, scope.scope);
        const bool chosen = kept != nullptr && connection.setOf(scope.scope) != nullptr
                                ? contains(kept->scopes, scope.scope)
                                : held(scope.scope) || wished;
        if (!scope.optional || chosen) asked.push_back(scope.scope);
    }
    for (const std::string& scope : request.scopes)
        if (!contains(known, scope))
            throw Error(
                Code::Denied, "scope_undeclared",
                "plugin " + request.plugin.str() + " does not declare the scope " + scope + " in its plugin.json");
    return asked;
}

// Whose account shall sign in. Somebody else's is then asked about; without this a second account would be connected by
// a slip in the provider's list of accounts.
std::optional<ConnectionRow> Connector::expectedOf(const BeginRequest& request,
                                                   const std::optional<ConnectionRow>& existing) {
    if (request.another_account) return std::nullopt;
    if (existing) return existing;
    const auto mine =
        p_.database.read(request.tenant, [&](storage::Tx& tx) { return listConnections(tx, request.user); });
    for (const ConnectionRow& row : mine)
        if (row.id == request.account_of && row.provider == p_.provider.name) return row;
    if (!request.account_of.empty())
        throw Error(Code::NotFound, "no_connection", "there is no such connection whose account could sign in");
    for (const ConnectionRow& row : mine)
        if (row.plugin == request.plugin && row.name == request.connection_name) return row;
    return std::nullopt;
}

BeginResult Connector::begin(const BeginRequest& request) {
    const OAuthClientPtr client = p_.clients.require();
    if (request.tenant.empty() || request.user.empty() || request.session_binding.empty())
        throw Error(Code::Invalid, "begin", "connecting needs a tenant, a user and a browser session");
    const auto manifest = p_.manifests.find(request.plugin);
    const manifest::Connection* connection = manifest->connection(request.connection_name);
    if (connection == nullptr || connection->kind != manifest::ConnectionKind::OAuth2)
        throw Error(Code::NotFound, "no_connection_kind",
                    "plugin " + request.plugin.str() + " has no OAuth connection '" + request.connection_name + "'");
    providerNamed(connection->provider);
    if (request.picker && !connection->picker)
        throw Error(Code::Denied, "picker", "plugin " + request.plugin.str() + " does not ask to pick files");
    const auto existing =
        p_.database.read(request.tenant, [&](storage::Tx& tx) { return findConnection(tx, request.reconnect); });
    if (!request.reconnect.empty() &&
        (!existing || existing->user != request.user || existing->plugin != request.plugin))
        throw Error(Code::NotFound, "no_connection", "there is no such connection to connect again");
    const auto expected = expectedOf(request, existing);

    const std::string state = toBase64Url(randomBytes(32));
    const std::string verifier = toBase64Url(randomBytes(32));
    TransactionRow row;
    row.tenant = request.tenant;
    row.user = request.user;
    row.plugin = request.plugin;
    row.connection_name = request.connection_name;
    row.state_hash = sha256(state);
    row.session_hash = sha256(request.session_binding);
    row.nonce = toBase64Url(randomBytes(24));
    row.return_to = request.return_to;
    row.picker = request.picker.has_value();
    const bool renewed = expected && expected->plugin == request.plugin && expected->name == request.connection_name;
    row.scopes = scopesToAsk(request, *connection, renewed ? expected : std::nullopt);
    row.expires_at = p_.clock.now() + kStateLife;
    if (expected) row.expected = expected->id;
    Binding place;
    place.purpose = purpose::kVerifier;
    place.installation = p_.keys.installation();
    place.tenant = row.tenant.str();
    place.user = row.user.str();
    place.connection = toHex(row.state_hash);
    row.verifier_sealed = seal(p_.keys.tenantKey(row.tenant), place, verifier);
    BeginResult result{authorizationUrl(*client, request, row, state, verifier, existing, expected),
                       toHex(row.state_hash).substr(0, 16)};
    p_.database.write(request.tenant, [&](storage::Tx& tx) { insertTransaction(tx, row); });
    return result;
}

std::string Connector::authorizationUrl(const OAuthClient& client, const BeginRequest& request,
                                        const TransactionRow& row, const std::string& state,
                                        const std::string& verifier, const std::optional<ConnectionRow>& existing,
                                        const std::optional<ConnectionRow>& expected) {
    std::vector<std::pair<std::string, std::string>> query = {{"client_id", client.id},
                                                              {"redirect_uri", p_.config.redirect_uri},
                                                              {"response_type", "code"},
                                                              {"access_type", "offline"},
                                                              {"state", state},
                                                              {"code_challenge", toBase64Url(sha256(verifier))},
                                                              {"code_challenge_method", "S256"}};
    std::vector<std::string> scopes = row.scopes;
    const bool live = existing && existing->epoch != 0 && existing->state == state::kConnected;
    const bool nothing_new = live && std::all_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
                                 return contains(existing->granted, p_.provider.canonicalScope(scope));
                             });
    if (row.picker) {
        // The picker's form: the file scope alone.
        query.insert(query.end(),
                     {{"prompt", "consent"}, {"trigger_onepick", "true"}, {"include_granted_scopes", "false"}});
        if (request.picker->multiple) query.emplace_back("allow_multiple", "true");
        if (!request.picker->mime_types.empty()) query.emplace_back("mimetypes", join(request.picker->mime_types, ','));
    } else {
        scopes.insert(scopes.begin(), p_.provider.identity_scopes.begin(), p_.provider.identity_scopes.end());
        query.emplace_back("nonce", row.nonce);
        // A refresh token comes for certain only with a consent.
        query.emplace_back("prompt", request.another_account ? "select_account consent"
                                     : nothing_new           ? "select_account"
                                                             : "consent");
    }
    query.emplace_back("scope", join(scopes, ' '));
    const std::string hint = !request.login_hint.empty() ? request.login_hint
                             : expected                  ? p_.grants.openAccount(*expected).email
                                                         : "";
    if (!hint.empty()) query.emplace_back("login_hint", hint);
    std::string url = p_.config.authorize_origin + p_.provider.authorize_path;
    char separator = '?';
    for (const auto& [name, value] : query) {
        url += separator + name + "=" + manifest::percentEncode(value);
        separator = '&';
    }
    return url;
}

TransactionRow Connector::takeTransaction(const CompleteRequest& request) {
    for (const std::string* text : {&request.state, &request.code, &request.error, &request.iss})
        if (text->size() > kMaxText) throw Error(Code::Invalid, "oauth_answer", "the provider's answer is too long");
    const auto row = p_.database.writeSystem("a browser's answer names no tenant", [&](storage::SystemTx& tx) {
        return credential::takeTransaction(tx, sha256(request.state));
    });
    if (!row || !row->server.empty())
        throw Error(Code::Denied, "oauth_state",
                    "this sign-in was already finished or never begun here: start connecting again");
    if (row->expires_at <= p_.clock.now())
        refuse("oauth_state", "this sign-in took longer than ten minutes: start connecting again", *row);
    if (!constantTimeEqual(row->session_hash, sha256(request.session_binding)))
        // Nothing of the row is told: it belongs to another browser.
        throw Error(Code::Denied, "oauth_session",
                    "this sign-in was begun in another browser session: start connecting again");
    return *row;
}

CompleteResult Connector::complete(const CompleteRequest& request) {
    const TransactionRow transaction = takeTransaction(request);
    try {
        return finish(request, transaction);
    } catch (const Error& error) {
        if (!error.details().empty()) throw;
        throw Error(error).withDetails(Json::object({{"return_to", transaction.return_to}}).dump());
    }
}

CompleteResult Connector::finish(const CompleteRequest& request, const TransactionRow& transaction) {
    const Deadline deadline = Deadline::in(kBudget);
    const TokenReply reply = exchange(request, transaction, deadline);
    const std::vector<std::string> granted =
        reply.scopes ? *reply.scopes : canonicalScopes(p_.provider, join(transaction.scopes, ' '));
    CompleteResult result;
    for (const std::string& scope : transaction.scopes)
        (contains(granted, p_.provider.canonicalScope(scope)) ? result.granted : result.missing).push_back(scope);
    if (result.granted.empty())
        refuse("consent_empty",
               "nothing was allowed on " + p_.provider.title + "'s page, so the account was not connected",
               transaction);
    AccountMark mark;
    const Account account = identify(transaction, reply, mark, deadline);
    Consent consent;
    if (reply.refresh_token) consent.token = reply.refresh_token->clone();
    consent.granted = unite(granted);
    if (reply.refresh_expires_in) consent.ends_at = p_.clock.now() + *reply.refresh_expires_in;
    consent.client_id = reply.client_id;
    result.tenant = transaction.tenant;
    result.user = transaction.user;
    result.plugin = transaction.plugin;
    result.account = account.email;
    result.return_to = transaction.return_to;
    if (!isExpected(transaction, mark)) {
        holdOrRefuse(transaction, account, std::move(consent), result);
        return result;
    }
    const ConnectionRow row = store(transaction, account, mark, consent);
    p_.broker.keep(row, reply);
    result.connection = row.id;
    if (transaction.picker) result.picked_file_ids = request.picked_file_ids;
    return result;
}

// A connection that was removed meanwhile expects nobody any more.
bool Connector::isExpected(const TransactionRow& transaction, const AccountMark& mark) {
    const auto expected =
        p_.database.read(transaction.tenant, [&](storage::Tx& tx) { return findConnection(tx, transaction.expected); });
    return !expected || sameAccount(*expected, mark);
}

// Somebody else signed in: nothing is connected before the user says so. Files that were picked with another account
// are not taken over at all, and without a lasting permission there is nothing to keep.
void Connector::holdOrRefuse(const TransactionRow& transaction, const Account& account, Consent consent,
                             CompleteResult& result) {
    if (consent.token && !transaction.picker) {
        result.pending = p_.pending.hold(
            transaction, {std::move(*consent.token), account, consent.granted, consent.ends_at, consent.client_id});
        return;
    }
    if (consent.token) p_.revocations.endUnused(transaction.tenant, transaction.user, account, *consent.token);
    refuse("other_account",
           "another account of " + p_.provider.title +
               " signed in than the one that is connected here; nothing was changed",
           transaction);
}

CompleteResult Connector::accept(const PendingRequest& request) {
    PendingGrants::Taken taken = p_.pending.take(request);
    TransactionRow transaction;
    transaction.tenant = taken.row.tenant;
    transaction.user = taken.row.user;
    transaction.plugin = taken.row.plugin;
    transaction.connection_name = taken.row.connection_name;
    transaction.scopes = taken.row.scopes;
    transaction.return_to = taken.row.return_to;
    const ConnectionRow row =
        store(transaction, taken.held.account, p_.accounts.mark(transaction.tenant, taken.held.account),
              {std::move(taken.held.token), taken.held.granted, taken.held.ends_at, taken.held.client_id});
    CompleteResult result;
    for (const std::string& scope : transaction.scopes)
        (contains(row.granted, p_.provider.canonicalScope(scope)) ? result.granted : result.missing).push_back(scope);
    result.connection = row.id;
    result.tenant = row.tenant;
    result.user = row.user;
    result.plugin = row.plugin;
    result.account = taken.held.account.email;
    result.return_to = transaction.return_to;
    return result;
}

BeginResult Connector::retry(const PendingRequest& request) {
    const PendingGrants::Taken taken = p_.pending.take(request);
    p_.revocations.endUnused(taken.row.tenant, taken.row.user, taken.held.account, taken.held.token);
    BeginRequest again;
    again.tenant = taken.row.tenant;
    again.user = taken.row.user;
    again.plugin = taken.row.plugin;
    again.connection_name = taken.row.connection_name;
    again.session_binding = request.session_binding;
    again.scopes = taken.row.scopes;
    again.return_to = taken.row.return_to;
    // Removed meanwhile: then the plugin's own connection says who is expected, if there is one.
    if (p_.database.read(again.tenant, [&](storage::Tx& tx) { return findConnection(tx, taken.row.expected); }))
        again.account_of = taken.row.expected;
    return begin(again);
}

TokenReply Connector::exchange(const CompleteRequest& request, const TransactionRow& row, Deadline deadline) {
    if (!request.iss.empty() && !contains(p_.provider.issuers, request.iss))
        refuse("oauth_issuer", "the answer comes from another provider than " + p_.provider.title, row);
    if (!request.error.empty())
        refuse("consent_refused",
               request.error == "access_denied"
                   ? "the permission was not given on " + p_.provider.title + "'s page"
                   : p_.provider.title + " refused the request: " + request.error.substr(0, 64),
               row);
    if (request.code.empty())
        refuse("oauth_state", p_.provider.title + "'s answer has no code: start connecting again", row);
    Binding place;
    place.purpose = purpose::kVerifier;
    place.installation = p_.keys.installation();
    place.tenant = row.tenant.str();
    place.user = row.user.str();
    place.connection = toHex(row.state_hash);
    try {
        return p_.endpoint.exchange(*p_.clients.require(), request.code,
                                    open(p_.keys.tenantKey(row.tenant), place, row.verifier_sealed), deadline);
    } catch (const Error& error) {
        if (error.reason() == "invalid_grant")
            refuse("oauth_code", "the code has expired or was used already: start connecting again", row);
        throw;
    }
}

Account Connector::identify(const TransactionRow& row, const TokenReply& reply, AccountMark& mark, Deadline deadline) {
    if (!row.picker) {
        if (reply.id_token.empty())
            refuse("oauth_id_token", p_.provider.title + " did not say whose account it is", row);
        const Identity who = id_tokens_.verify(reply.id_token, reply.client_id, row.nonce, deadline);
        const Account account{who.subject, who.email};
        mark = p_.accounts.mark(row.tenant, account);
        return account;
    }
    HttpRequest request;
    request.method = "GET";
    request.url = p_.provider.about_url;
    request.bearer = &reply.access_token;
    request.max_content = 64 * 1024;
    request.deadline = deadline;
    const HttpResponse response = p_.transport.send(request);
    const std::string service = googleApiOf("www.googleapis.com", "/drive/v3/about").service;
    if (response.status == 200 || saysApiDisabled(response.content))
        p_.observations.apiSeen(row.plugin, service, response.status == 200);
    if (response.status != 200)
        throw Error(Code::Unavailable, "about",
                    "ask " + p_.provider.title + " whose files were picked: HTTP " + std::to_string(response.status),
                    5000);
    const Json document = Json::parse(response.content);
    const Json& user = document.at("user");
    const Account account{"", user.getStr("emailAddress")};
    mark = p_.accounts.mark(row.tenant, account);
    mark.subject_key = "pid:" + p_.keys.indexKey(row.tenant, "permission", user.str("permissionId"));
    return account;
}

// Two browsers finishing at once must not make two connections: what was found is compared inside the write.
struct Connector::Place {
    std::string account_id;                   // of any connection of the user to this account; empty when it is new
    std::optional<ConnectionRow> connection;  // the one to renew
    bool operator==(const Place& other) const {
        return account_id == other.account_id && connection.has_value() == other.connection.has_value() &&
               (!connection || connection->epoch == other.connection->epoch);
    }
};

Connector::Place Connector::findPlace(storage::Tx& tx, const ConnectionRow& row) {
    Place place;
    for (const ConnectionRow& other : listConnections(tx, row.user)) {
        if (other.provider != row.provider || !sameAccount(other, {row.subject_key, row.email_key})) continue;
        place.account_id = other.account_id;
        if (other.plugin == row.plugin && other.name == row.name) place.connection = other;
    }
    return place;
}

ConnectionRow Connector::store(const TransactionRow& transaction, Account account, const AccountMark& mark,
                               const Consent& consent) {
    ConnectionRow row;
    row.tenant = transaction.tenant;
    row.user = transaction.user;
    row.plugin = transaction.plugin;
    row.name = transaction.connection_name;
    row.provider = p_.provider.name;
    row.email_key = mark.email_key;
    row.subject_key = mark.subject_key;
    row.state = state::kConnected;
    row.granted = consent.granted;
    row.requested = transaction.scopes;
    row.connected_at = p_.clock.now();
    for (;;) {
        const Place place = p_.database.read(row.tenant, [&](storage::Tx& tx) { return findPlace(tx, row); });
        ConnectionRow stored = row;
        const std::optional<GrantRow> grant = prepare(stored, account, place, consent);
        const auto& existing = place.connection;
        const bool lasting = grant || (existing && existing->epoch != 0 &&
                                       std::includes(existing->granted.begin(), existing->granted.end(),
                                                     row.granted.begin(), row.granted.end()));
        if (!lasting)
            refuse("consent_not_lasting",
                   p_.provider.title +
                       " gave no lasting permission. Remove Portico under the account's third-party access and connect "
                       "again",
                   transaction);
        if (!grant) stored = *existing;  // the older permission goes on as it is
        const bool done = p_.database.write(row.tenant, [&](storage::Tx& tx) {
            if (!(findPlace(tx, row) == place)) return false;
            if (!existing)
                insertConnection(tx, stored);
            else if (grant)
                updateConnection(tx, stored);
            if (grant) putGrant(tx, stored.id, *grant);
            addLog(tx, stored, p_.clock.now(), existing ? "reconnected" : "connected",
                   "allowed " + std::to_string(consent.granted.size()) + " scopes on " + p_.provider.title +
                       "'s own page");
            if (existing && existing->granted != stored.granted)
                addLog(tx, stored, p_.clock.now(), "scopeChanged",
                       "the permission now covers " + std::to_string(stored.granted.size()) +
                           " scopes (before: " + std::to_string(existing->granted.size()) + ")");
            return true;
        });
        if (done && grant) p_.grants.stored(stored, grant->version);
        if (done) return stored;
    }
}

// Completes the row for its place and seals what belongs to it; nothing when no refresh token came.
std::optional<GrantRow> Connector::prepare(ConnectionRow& row, Account account, const Place& place,
                                           const Consent& consent) {
    row.account_id = place.account_id.empty() ? newId() : place.account_id;
    row.id = place.connection ? place.connection->id : ConnectionId(newId());
    row.epoch = newEpoch();
    // The picker does not name the account's id; what an earlier sign-in told is kept.
    if (account.subject.empty() && place.connection && place.connection->subject_key.starts_with("sub:")) {
        row.subject_key = place.connection->subject_key;
        account.subject = p_.grants.openAccount(*place.connection).subject;
    }
    row.account_sealed = p_.grants.sealAccount(row, account);
    if (!consent.token) return std::nullopt;
    GrantRow grant = p_.grants.seal(row, *consent.token, row.epoch, p_.clock.now());
    grant.client_id = consent.client_id;
    grant.ends_at = consent.ends_at;
    return grant;
}

}  // namespace portico::credential
