// SPDX-License-Identifier: Apache-2.0
#include "host/credential/passwords.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/credential/damage.h"
#include "host/manifest/url.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kFormLife = 10min;
constexpr std::size_t kMaxUserName = 256, kMaxPassword = 1024;  // bytes

[[noreturn]] void refuse(const std::string& reason, const std::string& text) {
    throw Error(Code::Denied, reason, text);
}

bool hasControl(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void checkInput(const PasswordRequest& request, const SecretBytes& password) {
    const std::string& name = request.user_name;
    if (name.empty() || name.size() > kMaxUserName || name.find(':') != std::string::npos || hasControl(name))
        throw Error(Code::Invalid, "bad_user_name", "a user name has 1 to 256 characters and no colon");
    if (password.empty() || password.size() > kMaxPassword || hasControl(password.reveal()))
        throw Error(Code::Invalid, "bad_password", "a password has 1 to 1024 characters, all of them printable");
}

// Another with each password: what still runs with an older one cannot end this one.
std::int64_t newEpoch() {
    std::int64_t epoch = 0;
    for (const char c : randomBytes(7)) epoch = epoch << 8 | static_cast<unsigned char>(c);
    return epoch + 1;
}

// The one of this user's that is the same account at the same server.
std::optional<ConnectionRow> findSame(storage::Tx& tx, const ConnectionRow& row) {
    for (const ConnectionRow& other : listConnections(tx, row.user))
        if (other.server == row.server && other.subject_key == row.subject_key && other.plugin == row.plugin &&
            other.name == row.name)
            return other;
    return std::nullopt;
}

}  // namespace

void Passwords::checkServer(const std::string& server) const {
    if (!manifest::isServer(server) || manifest::isForbiddenTarget(server.substr(0, server.find(':')), ""))
        refuse("server_not_allowed", "'" + server.substr(0, 260) + "' is not the name of a server that may be used");
    if (server.find(':') != std::string::npos && !p_.config.allows(server))
        refuse("server_not_allowed", "the server " + server +
                                         " is on another port than 443: the operator must list it under "
                                         "egress.allowed_servers in portico.properties first");
}

BeginResult Passwords::begin(const BeginRequest& request) {
    if (request.tenant.empty() || request.user.empty() || request.session_binding.empty())
        throw Error(Code::Invalid, "begin", "connecting needs a tenant, a user and a browser session");
    const auto manifest = p_.manifests.find(request.plugin);
    const manifest::Connection* connection = manifest->connection(request.connection_name);
    if (connection == nullptr || connection->kind != manifest::ConnectionKind::Basic)
        throw Error(
            Code::NotFound, "no_connection_kind",
            "plugin " + request.plugin.str() + " has no connection by password '" + request.connection_name + "'");
    if (connection->server_setting.empty() && request.server != connection->rules.front().host)
        refuse("server_not_allowed",
               "plugin " + request.plugin.str() + " may only use " + connection->rules.front().host);
    checkServer(request.server);
    const std::string form = toBase64Url(randomBytes(32));
    TransactionRow row;
    row.tenant = request.tenant;
    row.user = request.user;
    row.plugin = request.plugin;
    row.connection_name = request.connection_name;
    row.state_hash = sha256(form);
    row.session_hash = sha256(request.session_binding);
    row.server = request.server;
    row.expires_at = p_.clock.now() + kFormLife;
    p_.database.write(request.tenant, [&](storage::Tx& tx) { insertTransaction(tx, row); });
    return {"", toHex(row.state_hash).substr(0, 16), form};
}

TransactionRow Passwords::takeForm(const PasswordRequest& request) {
    const auto row = p_.database.writeSystem(
        "a form names no tenant", [&](storage::SystemTx& tx) { return takeTransaction(tx, sha256(request.form)); });
    if (!row || row->server.empty() || row->expires_at <= p_.clock.now())
        refuse("form_used", "this form was already sent or is older than ten minutes: please send it again");
    if (!constantTimeEqual(row->session_hash, sha256(request.session_binding)))
        refuse("form_session", "this form was opened in another browser session: please open it again");
    return *row;
}

CompleteResult Passwords::connect(const PasswordRequest& request, const SecretBytes& password) {
    const TransactionRow form = takeForm(request);
    checkInput(request, password);
    ConnectionRow row;
    row.tenant = form.tenant;
    row.user = form.user;
    row.plugin = form.plugin;
    row.name = form.connection_name;
    row.provider = kPasswordProvider;
    row.server = form.server;
    row.subject_key = "basic:" + p_.keys.indexKey(row.tenant, "account", row.server + " " + request.user_name);
    row.email_key = row.subject_key;
    row.state = state::kConnected;
    row.connected_at = p_.clock.now();
    std::string plain;
    plain.reserve(request.user_name.size() + 1 + password.size());  // growing would leave a copy behind
    plain.append(request.user_name).append(":").append(password.reveal());
    const SecretBytes secret = SecretBytes::take(plain);
    for (;;) {
        const auto same = p_.database.read(row.tenant, [&](storage::Tx& tx) { return findSame(tx, row); });
        row.id = same ? same->id : ConnectionId(newId());
        row.account_id = same ? same->account_id : newId();
        row.epoch = newEpoch();
        row.account_sealed = p_.grants.sealAccount(row, {"", request.user_name});
        const GrantRow grant = p_.grants.seal(row, secret, row.epoch, row.connected_at);
        const bool done = p_.database.write(row.tenant, [&](storage::Tx& tx) {
            const auto now = findSame(tx, row);
            if (now.has_value() != same.has_value() || (now && now->epoch != same->epoch)) return false;
            same ? updateConnection(tx, row) : insertConnection(tx, row);
            putGrant(tx, row.id, grant);
            addLog(tx, row, row.connected_at, same ? "reconnected" : "connected",
                   "with a user name and password for " + row.server);
            return true;
        });
        if (done) {
            p_.grants.stored(row, grant.version);
            break;
        }
    }
    p_.database.checkpointTruncate();  // an older password's bytes leave the disk now
    CompleteResult result;
    result.connection = row.id;
    result.tenant = row.tenant;
    result.user = row.user;
    result.plugin = row.plugin;
    result.account = request.user_name;
    return result;
}

SecretBytes Passwords::credentialOf(const ConnectionRow& row) {
    const auto grant = row.state == state::kConnected
                           ? p_.database.read(row.tenant, [&](storage::Tx& tx) { return findGrant(tx, row.id); })
                           : std::nullopt;
    if (!grant || grant->epoch != row.epoch)
        refuse("reconnect", "this connection has no password any more: its owner must connect it again");
    const SecretBytes plain = openForUse(p_.database, p_.grants, row, *grant, p_.clock);
    std::string encoded = toBase64(plain.reveal());
    return SecretBytes::take(encoded);
}

void Passwords::refused(const ConnectionRow& row) {
    const std::string problem = row.server + " refused the user name or password: connect again with the right ones";
    const bool mine = p_.database.write(row.tenant, [&](storage::Tx& tx) {
        const auto current = findConnection(tx, row.id);
        if (!current || current->epoch != row.epoch) return false;
        deleteGrant(tx, row.id);
        setConnectionState(tx, row.id, state::kNeedsReconnect, problem);
        addLog(tx, row, p_.clock.now(), "needsReconnect", problem);
        return true;
    });
    if (mine) p_.database.checkpointTruncate();
}

}  // namespace portico::credential
