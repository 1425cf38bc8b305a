// SPDX-License-Identifier: Apache-2.0
#include "host/credential/oauth_clients.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/store.h"

namespace portico::credential {
namespace {

constexpr std::size_t kMaxWord = 512;  // bytes of a client id or a secret

bool isWord(std::string_view text) {
    return !text.empty() && text.size() <= kMaxWord &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::string otherClient(const Provider& provider) {
    return "This Portico is registered with " + provider.title + " in another way since: connect the account again";
}

}  // namespace

OAuthClients::OAuthClients(const VaultConfig& config, const Provider& provider, storage::Database& database,
                           KeyRing& keys, const Clock& clock)
    : config_(config), provider_(provider), database_(database), keys_(keys), clock_(clock) {
    const OAuthClientPtr client = load();
    if (!client->id.empty())
        database_.writeSystem("permissions of all tenants were given to one client", [&](storage::SystemTx& tx) {
            tx.exec(
                "UPDATE grants SET client_id = ?1 WHERE client_id = '' AND (tenant_id, connection_id) IN "
                "(SELECT tenant_id, id FROM connections WHERE provider = ?2)",
                client->id, provider_.name);
            markConnections(tx, provider_.name, client->id, otherClient(provider_), clock_.now());
        });
    use(client);
}

OAuthClientPtr OAuthClients::load() const {
    auto client = std::make_shared<OAuthClient>();
    if (!config_.client_id.empty()) {
        client->id = config_.client_id;
        client->secret = config_.client_secret.clone();
        client->configured = true;
        return client;
    }
    const auto row = database_.readSystem("the installation's own client", [&](storage::SystemTx& tx) {
        return tx.one(
            "SELECT client_id, version, sealed, set_at FROM oauth_clients WHERE tenant_id = '' AND "
            "provider = ?1",
            provider_.name);
    });
    if (!row) return client;
    try {
        client->secret =
            keys_.openClient({provider_.name, row->text(0), static_cast<std::uint64_t>(row->integer(1))}, row->blob(2));
        client->id = row->text(0);
        client->set_at = row->instant(3);
    } catch (const Error& error) {
        // Nothing else of the vault depends on it, and setting it again mends it.
        client->problem = "what was kept of the " + provider_.title + " registration cannot be read (" + error.what() +
                          "): set it again with `portico google setup`";
        log::error("oauth_client_unreadable", {{"why", error.what()}});
    }
    return client;
}

OAuthClientPtr OAuthClients::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void OAuthClients::use(OAuthClientPtr client) {
    const std::lock_guard lock(mutex_);
    current_ = std::move(client);
}

OAuthClientPtr OAuthClients::require() const {
    OAuthClientPtr client = current();
    const auto refuse = [&](const std::string& why) {
        throw Error(Code::Unavailable, "google_not_configured", provider_.title + " is not set up here: " + why);
    };
    if (!client->problem.empty()) refuse(client->problem);
    if (client->id.empty()) refuse("whoever runs the server does that with `portico google setup`");
    if (client->secret.empty()) refuse("portico.properties names google.client_id and no google.client_secret_file");
    if (config_.redirect_uri.empty()) refuse("google.redirect_uri is missing from the configuration");
    return client;
}

void OAuthClients::refuseConfigured() const {
    if (!config_.client_id.empty())
        throw Error(Code::Conflict, "client_configured",
                    "the configuration file names a client (google.client_id), and it wins: take it out there first");
}

void OAuthClients::check(const std::string& id, const SecretBytes& secret) const {
    refuseConfigured();
    if (!isWord(id)) throw Error(Code::Invalid, "client_id", "this is not a client id: one word without spaces");
    if (!isWord(secret.reveal()))
        throw Error(Code::Invalid, "client_secret", "this is not a client secret: one word without spaces");
}

void OAuthClients::put(const std::string& id, const SecretBytes& secret) {
    check(id, secret);
    const Instant now = clock_.now();
    const std::lock_guard one(changing_);
    database_.writeSystem("the installation's own client", [&](storage::SystemTx& tx) {
        const auto last =
            tx.one("SELECT version FROM oauth_clients WHERE tenant_id = '' AND provider = ?1", provider_.name);
        const std::int64_t version = last ? last->integer(0) + 1 : 1;
        const std::string sealed = keys_.sealClient({provider_.name, id, static_cast<std::uint64_t>(version)}, secret);
        tx.exec(
            "INSERT INTO oauth_clients (tenant_id, provider, client_id, version, sealed, set_at) "
            "VALUES ('', ?1, ?2, ?3, ?4, ?5) ON CONFLICT (tenant_id, provider) DO UPDATE SET client_id = "
            "excluded.client_id, version = excluded.version, sealed = excluded.sealed, set_at = excluded.set_at",
            provider_.name, id, version, storage::Blob{sealed}, now);
        markConnections(tx, provider_.name, id, otherClient(provider_), now);
    });
    use(load());
    database_.checkpointTruncate();  // an older secret's bytes leave the disk now
}

void OAuthClients::forget() {
    refuseConfigured();
    const std::lock_guard one(changing_);
    database_.writeSystem("the installation's own client", [&](storage::SystemTx& tx) {
        tx.exec("DELETE FROM oauth_clients WHERE tenant_id = '' AND provider = ?1", provider_.name);
    });
    use(load());
    database_.checkpointTruncate();
}

}  // namespace portico::credential
