// SPDX-License-Identifier: Apache-2.0
// The credential service: it holds every token, is the only way out to the providers, and gives nobody a token.
// LocalVault is the service itself, inside portico-vault; RemoteVault is the same interface over a wire, in the server.
// Thread-safe. Every function throws portico::Error; Unavailable "vault_sealed" from all but status() when there is no
// usable key.
#pragma once

#include "host/base/secret.h"
#include "host/credential/types.h"

namespace portico::credential {

class Vault {
public:
    virtual ~Vault() = default;

    virtual VaultStatus status() = 0;
    // Reads the plugin folder again, after a plugin was installed, updated or removed.
    virtual void reloadPlugins() = 0;

    // How the provider is set up, and asking it whether it knows our client (one request).
    virtual ProviderSetup providerSetup() = 0;
    virtual ClientVerdict askForClient() = 0;
    // Another client from now on, unless the provider refuses it (Denied "client_refused", in its words). One that
    // cannot be asked about is kept. Conflict "client_configured" when the configuration has one, "client_in_use" when
    // connections of another one would have to be made again and `replace` does not say so.
    virtual void putClient(const NewClient& client, const SecretBytes& secret) = 0;
    virtual void forgetClient() = 0;

    // Starts connecting an account: where to send the browser. Unavailable "google_not_configured" without a client id.
    virtual BeginResult begin(const BeginRequest& request) = 0;
    // What the browser brought back. A state works once, for ten minutes, in the session that began. Denied with the
    // reasons oauth_state, oauth_session, consent_refused, consent_empty, oauth_issuer, oauth_id_token; the error's
    // details hold {"return_to"} where it is known.
    virtual CompleteResult complete(const CompleteRequest& request) = 0;

    // Consents of another account than expected, which wait for ten minutes for the user's word in the same browser.
    virtual std::vector<PendingGrant> pendingGrants(const PendingRequest& request) = 0;
    // Connects it, beside what there is. NotFound "pending_over" from this and the next two when it is settled or too
    // old.
    virtual CompleteResult acceptPending(const PendingRequest& request) = 0;
    // Forgets it, here and at the provider.
    virtual void discardPending(const PendingRequest& request) = 0;
    // The same, and asks for the expected account again: where to send the browser.
    virtual BeginResult retryPending(const PendingRequest& request) = 0;

    // Finishes what begin() started for a connection of kind basic. The password is neither tried nor told to anyone
    // here; the first request shows whether it is right. Denied with the reasons form_used, form_session.
    virtual CompleteResult connectPassword(const PasswordRequest& request, const SecretBytes& password) = 0;
    // Whether the operator lets passwords be sent to that server; Denied "server_not_allowed" in words.
    virtual void checkServer(const std::string& server) = 0;

    // A user's connections, or the tenant's when `user` is empty.
    virtual std::vector<ConnectionInfo> connections(const TenantId& tenant, const UserId& user) = 0;
    virtual ConnectionInfo connection(const TenantId& tenant, const ConnectionId& id) = 0;
    // Whether another person of this installation, in whatever tenant, has a permission of the same account.
    virtual bool isShared(const TenantId& tenant, const ConnectionId& id) = 0;
    virtual Receipt disconnect(const DisconnectRequest& request) = 0;

    // A Security Event Token that somebody posted; what it led to. Denied with RFC 8935's error code as the reason when
    // it is not the provider's.
    virtual std::vector<SecurityEffect> securityEvent(std::string_view token) = 0;

    // A handle for the requests of one running call (host/credential/leases.h). NotFound "no_connection" unless the
    // connection is this tenant's, user's and plugin's.
    virtual std::string lease(const LeaseRequest& request) = 0;
    // The call is over. Ending what is over already does nothing.
    virtual void endLease(const std::string& lease) = 0;
    // A plugin was taken from a tenant: what it has under way ends.
    virtual void endLeases(const TenantId& tenant, const PluginId& plugin) = 0;

    // One HTTPS request of a plugin, after all checks, with the credential attached in here. Cancelled "lease_ended"
    // without a lease that is alive, or when it ends meanwhile. `source` and `sink` are
    // needed only when the request names blobs. An HTTP error status is an answer, not an Error.
    virtual FetchResult fetch(const FetchRequest& request, std::string_view body, BlobSource* source,
                              BlobSink* sink) = 0;

    // Newest first; a user's own, or the tenant's when `user` is empty.
    virtual std::vector<Use> uses(const TenantId& tenant, const UserId& user, int limit) = 0;
    // What was done in the user's name, day by day.
    virtual std::vector<UseGroup> useGroups(const TenantId& tenant, const UserId& user, int limit) = 0;
    virtual std::vector<LogEntry> log(const TenantId& tenant, const UserId& user, int limit) = 0;
    // Both of one user, for good, and unanswered PendingGrants; how many entries there were. Receipts stay: they prove
    // what was erased.
    virtual std::int64_t eraseHistory(const TenantId& tenant, const UserId& user) = 0;
};

}  // namespace portico::credential
