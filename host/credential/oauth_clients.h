// SPDX-License-Identifier: Apache-2.0
// This installation's own registration with the provider (its OAuth client): from the configuration file, which wins,
// or set by the operator on the guided page and kept sealed under the root key. A change takes effect at once.
// Thread-safe; what current() gave stays good while it is held.
// Invariant: connections whose permission was given to another client wait for their owners, and work again when that
// client is put back.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "host/credential/config.h"
#include "host/credential/keys.h"
#include "host/credential/providers/provider.h"

namespace portico::credential {

struct OAuthClient {
    std::string id;  // empty: there is none
    SecretBytes secret;
    bool configured = false;        // in the configuration file, not here
    std::optional<Instant> set_at;  // of one that was set here
    std::string problem;            // why the stored one cannot be used; plain words
};
using OAuthClientPtr = std::shared_ptr<const OAuthClient>;

class OAuthClients {
public:
    // Marks the connections of other clients, because the configuration may have changed since the last start.
    OAuthClients(const VaultConfig& config, const Provider& provider, storage::Database& database, KeyRing& keys,
                 const Clock& clock);

    OAuthClientPtr current() const;  // never null
    // Throws Unavailable "google_not_configured" when accounts cannot be connected at all.
    OAuthClientPtr require() const;

    // Throws Invalid "client_id" or "client_secret" for what cannot be one, Conflict "client_configured" when the
    // configuration file has one.
    void check(const std::string& id, const SecretBytes& secret) const;
    // Replaces the stored one by one that was checked.
    void put(const std::string& id, const SecretBytes& secret);
    void forget();

private:
    OAuthClientPtr load() const;
    void refuseConfigured() const;
    void use(OAuthClientPtr client);

    const VaultConfig& config_;
    const Provider& provider_;
    storage::Database& database_;
    KeyRing& keys_;
    const Clock& clock_;
    std::mutex changing_;       // one change at a time, so that what is in use is what is stored
    mutable std::mutex mutex_;  // guards current_
    OAuthClientPtr current_;
};

}  // namespace portico::credential
