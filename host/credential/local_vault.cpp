// SPDX-License-Identifier: Apache-2.0
#include "host/credential/local_vault.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/breaker.h"
#include "host/credential/connector.h"
#include "host/credential/damage.h"
#include "host/credential/disconnector.h"
#include "host/credential/fetcher.h"
#include "host/credential/maintenance.h"
#include "host/credential/migrations.h"
#include "host/credential/providers/google_console.h"
#include "host/credential/reconcile.h"
#include "host/credential/security_events.h"

namespace portico::credential {
namespace {

constexpr int kMaxList = 1000;
constexpr auto kAskBudget = std::chrono::seconds(10);
constexpr auto kBeyondTesting = std::chrono::hours(24 * 9);
constexpr auto kSecurityEventBudget = std::chrono::seconds(10);

std::filesystem::path keyFile(const LocalVault::Folders& folders, const VaultConfig& config) {
    return config.key_file.empty() ? folders.data / "vault.key" : config.key_file;
}

}  // namespace

// In the order in which they need each other.
struct LocalVault::Parts {
    VaultConfig config;
    const Provider& provider = google();
    const Clock& clock;
    ProviderWatch watch{provider};
    storage::Database database;
    Observations observations;
    const std::unique_ptr<Transport> transport;
    KeyRing keys;
    OAuthClients clients;
    Ledger ledger;
    Grants grants;
    Manifests manifests;
    Leases leases;
    TokenEndpoint endpoint;
    Accounts accounts;
    Revocations revocations;
    PendingGrants pending;
    TokenBroker broker;
    Passwords passwords;
    ProviderKeys provider_keys;
    Connector connector;
    SecurityEvents security_events;
    Disconnector disconnector;
    Fetcher fetcher;
    Maintenance maintenance;
    std::string put_back;  // what reconcile() found

    Parts(const Folders& folders, VaultConfig given, Transport& network, const Clock& time)
        : config(std::move(given)),
          clock(time),
          database({folders.data / "vault.db", migrations(), 4}),
          observations(database, clock),
          transport(makeCarefulTransport(network, clock, watch)),
          keys(keyFile(folders, config), config.passphrase, database, clock),
          clients(config, provider, database, keys, clock),
          ledger(folders.data / "ledger"),
          grants(keys, ledger),
          manifests({folders.plugins, folders.installed}, folders.keys, config.developer_mode),
          endpoint(provider, config, *transport),
          accounts(provider, database, keys),
          revocations(provider, database, grants, accounts, endpoint, clock),
          pending(database, grants, revocations, clock),
          broker(database, grants, revocations, clients, endpoint, observations, clock),
          passwords({config, database, keys, grants, manifests, clock}),
          provider_keys(provider, *transport, clock),
          connector({config, clients, observations, provider, database, keys, grants, accounts, manifests, endpoint,
                     broker, revocations, pending, *transport, provider_keys, clock}),
          security_events({clients, provider, database, grants, accounts, provider_keys, broker, clock}),
          disconnector(database, grants, ledger, accounts, revocations, broker, leases, clock),
          fetcher({config, provider, database, manifests, leases, broker, passwords, observations, *transport, clock}),
          maintenance(database, broker, pending, revocations, clock) {
        put_back = reconcile(database, ledger, folders.data, clock);
    }

    ConnectionInfo info(const ConnectionRow& row) {
        ConnectionInfo out;
        out.id = row.id;
        out.tenant = row.tenant;
        out.user = row.user;
        out.plugin = row.plugin;
        out.connection_name = row.name;
        out.provider = row.provider;
        out.server = row.server;
        out.account_id = row.account_id;
        out.state = row.state;
        out.problem = row.problem;
        out.connected_at = row.connected_at;
        out.last_used_at = row.last_used_at;
        try {
            out.account = grants.openAccount(row).email;
        } catch (const Error& error) {
            // Shown rather than hidden, so that its owner can remove it.
            log::warning("account_unreadable", {{"connection", row.id.str()}, {"why", error.what()}});
            out.problem = kDamaged;
            out.state = state::kNeedsReconnect;
        }
        if (const auto manifest = manifests.peek(row.plugin))
            if (const manifest::Connection* connection = manifest->connection(row.name))
                for (const manifest::Scope& scope : connection->scopes) {
                    const std::string canonical = provider.canonicalScope(scope.scope);
                    const bool granted =
                        std::find(row.granted.begin(), row.granted.end(), canonical) != row.granted.end();
                    const bool requested = granted || std::find(row.requested.begin(), row.requested.end(),
                                                                scope.scope) != row.requested.end();
                    if (!requested && connection->setOf(scope.scope) != nullptr) continue;  // another set was chosen
                    const auto used = row.scopes_used_at.find(scope.scope);
                    out.scopes.push_back(
                        {scope.scope, scope.reason, granted, scope.optional, requested,
                         used == row.scopes_used_at.end() ? std::nullopt : std::optional(used->second)});
                }
        return out;
    }
};

LocalVault::LocalVault(const Folders& folders, VaultConfig config, Transport& transport, const Clock& clock) {
    std::filesystem::create_directories(folders.data);
    try {
        parts_ = std::make_unique<Parts>(folders, std::move(config), transport, clock);
    } catch (const Error& error) {
        if (error.reason() != "vault_sealed") throw;
        sealed_ = error.what();
        log::error("vault_sealed", {{"why", sealed_}});
    }
}

LocalVault::~LocalVault() = default;

LocalVault::Parts& LocalVault::parts() {
    if (!parts_) throw Error(Code::Unavailable, "vault_sealed", "the credential service is sealed: " + sealed_);
    return *parts_;
}

void LocalVault::start() {
    if (parts_) parts_->maintenance.start();
}

void LocalVault::maintain() { parts().maintenance.tick(); }

VaultStatus LocalVault::status() {
    VaultStatus out;
    if (!parts_) {
        out.sealed = true;
        out.problem = sealed_;
        return out;
    }
    try {
        parts_->clients.require();
        out.configured = true;
        out.problem = parts_->broker.alarm();
    } catch (const Error& error) {
        out.problem = error.what();
    }
    out.simulated = !parts_->config.connect_to.empty();
    out.put_back = parts_->put_back;
    out.disk_full = parts_->database.full();
    out.damaged = countDamaged(parts_->database);
    out.providers = {parts_->watch.state(parts_->clock.now())};
    out.pending_revocations = parts_->database.readSystem("a count for the operator", [](storage::SystemTx& tx) {
        return tx.one("SELECT count(*) FROM pending_revocations")->integer(0);
    });
    return out;
}

ProviderSetup LocalVault::providerSetup() {
    const OAuthClientPtr client = parts().clients.current();
    ProviderSetup out;
    out.client_id = client->id;
    out.configured = client->configured;
    out.has_secret = !client->secret.empty();
    out.secret_plausible = isGoogleClientSecret(client->secret.reveal());
    out.set_at = client->set_at;
    out.problem = client->problem;
    out.redirect_uri = parts_->config.redirect_uri;
    out.alarm = parts_->broker.alarm();
    const Standing standing = parts_->database.readSystem("counts for the operator", [&](storage::SystemTx& tx) {
        return standingOf(tx, parts_->provider.name, client->id);
    });
    out.connections = standing.own;
    out.others = standing.others;
    const auto later = [](std::optional<Instant>& at, Instant other) { at = at ? std::max(*at, other) : other; };
    out.testing_seen = parts_->observations.testingSeen();
    for (const GrantRow& grant : standing.grants) {
        if (grant.ends_at && isTestingLife(*grant.ends_at - grant.granted_at)) {
            ++out.seven_days;
            later(out.testing_seen, grant.granted_at);
        } else if (!grant.ends_at && grant.refreshed_at - grant.granted_at > kBeyondTesting) {
            later(out.lasting_seen, grant.refreshed_at);
        }
    }
    out.apis = parts_->observations.apis();
    out.state = parts_->watch.state(parts_->clock.now());
    return out;
}

ClientVerdict LocalVault::askForClient() {
    return parts().endpoint.ask(*parts_->clients.current(), Deadline::in(kAskBudget));
}

void LocalVault::putClient(const NewClient& client, const SecretBytes& secret) {
    const OAuthClientPtr before = parts().clients.current();
    parts_->clients.check(client.id, secret);
    if (client.id != before->id && !client.replace) {
        const auto count = parts_->database.readSystem("a count for the operator", [&](storage::SystemTx& tx) {
            return standingOf(tx, parts_->provider.name, client.id).others;
        });
        if (count > 0)
            throw Error(Code::Conflict, "client_in_use",
                        std::to_string(count) +
                            " connections belong to another client: their owners would have to "
                            "connect them again");
    }
    OAuthClient wanted;
    wanted.id = client.id;
    wanted.secret = secret.clone();
    const ClientVerdict verdict = parts_->endpoint.ask(wanted, Deadline::in(kAskBudget));
    if (verdict.verdict == "refused")
        throw Error(Code::Invalid, "client_refused",
                    parts_->provider.title + " does not know this client id with this secret (" + verdict.detail + ")");
    parts_->clients.put(client.id, secret);
    if (client.id != before->id) parts_->observations.forgetProject();
    parts_->broker.forgetAll();
}

void LocalVault::forgetClient() {
    parts().clients.forget();
    parts_->observations.forgetProject();
    parts_->broker.forgetAll();
}

// A sealed vault has read none yet.
void LocalVault::reloadPlugins() {
    if (!parts_) return;
    parts_->manifests.reload();
    parts_->leases.endIf([this](const LeaseRequest& lease) {
        const auto manifest = parts_->manifests.peek(lease.plugin);
        return !manifest || !manifest->trust.may_run;
    });
}

BeginResult LocalVault::begin(const BeginRequest& request) {
    return request.server.empty() ? parts().connector.begin(request) : parts().passwords.begin(request);
}
CompleteResult LocalVault::complete(const CompleteRequest& request) { return parts().connector.complete(request); }

std::vector<PendingGrant> LocalVault::pendingGrants(const PendingRequest& request) {
    return parts().pending.list(request);
}
CompleteResult LocalVault::acceptPending(const PendingRequest& request) { return parts().connector.accept(request); }
void LocalVault::discardPending(const PendingRequest& request) { parts().pending.discard(request); }
BeginResult LocalVault::retryPending(const PendingRequest& request) { return parts().connector.retry(request); }

CompleteResult LocalVault::connectPassword(const PasswordRequest& request, const SecretBytes& password) {
    return parts().passwords.connect(request, password);
}

void LocalVault::checkServer(const std::string& server) { parts().passwords.checkServer(server); }

std::vector<ConnectionInfo> LocalVault::connections(const TenantId& tenant, const UserId& user) {
    std::vector<ConnectionInfo> out;
    for (const ConnectionRow& row :
         parts().database.read(tenant, [&](storage::Tx& tx) { return listConnections(tx, user); }))
        out.push_back(parts_->info(row));
    return out;
}

ConnectionInfo LocalVault::connection(const TenantId& tenant, const ConnectionId& id) {
    const auto row = parts().database.read(tenant, [&](storage::Tx& tx) { return findConnection(tx, id); });
    if (!row) throw Error(Code::NotFound, "no_connection", "there is no such connection");
    return parts_->info(*row);
}

bool LocalVault::isShared(const TenantId& tenant, const ConnectionId& id) {
    return parts().disconnector.isShared(tenant, id);
}

Receipt LocalVault::disconnect(const DisconnectRequest& request) { return parts().disconnector.disconnect(request); }

std::string LocalVault::lease(const LeaseRequest& request) { return parts().fetcher.lease(request); }

void LocalVault::endLease(const std::string& lease) { parts().leases.end(lease); }

void LocalVault::endLeases(const TenantId& tenant, const PluginId& plugin) {
    parts().leases.endIf([&](const LeaseRequest& lease) { return lease.tenant == tenant && lease.plugin == plugin; });
}

std::vector<SecurityEffect> LocalVault::securityEvent(std::string_view token) {
    return parts().security_events.receive(token, Deadline::in(kSecurityEventBudget));
}

FetchResult LocalVault::fetch(const FetchRequest& request, std::string_view body, BlobSource* source, BlobSink* sink) {
    return parts().fetcher.fetch(request, body, source, sink);
}

std::vector<Use> LocalVault::uses(const TenantId& tenant, const UserId& user, int limit) {
    parts().database.settle();  // how the last ones ended is still being written
    return parts().database.read(tenant,
                                 [&](storage::Tx& tx) { return listUses(tx, user, std::clamp(limit, 1, kMaxList)); });
}

std::vector<UseGroup> LocalVault::useGroups(const TenantId& tenant, const UserId& user, int limit) {
    parts().database.settle();
    return parts().database.read(
        tenant, [&](storage::Tx& tx) { return listUseGroups(tx, user, std::clamp(limit, 1, kMaxList)); });
}

std::vector<LogEntry> LocalVault::log(const TenantId& tenant, const UserId& user, int limit) {
    return parts().database.read(tenant,
                                 [&](storage::Tx& tx) { return listLog(tx, user, std::clamp(limit, 1, kMaxList)); });
}

std::int64_t LocalVault::eraseHistory(const TenantId& tenant, const UserId& user) {
    parts().pending.discardOf(tenant, user);
    return parts().database.write(tenant, [&](storage::Tx& tx) { return credential::eraseHistory(tx, user); });
}

}  // namespace portico::credential
