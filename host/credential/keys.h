// SPDX-License-Identifier: Apache-2.0
// The key hierarchy: root keys -> tenant keys -> connection keys (record.h seals each under the one above).
// Immutable after construction but for the cache of opened tenant keys; thread-safe.
// Invariants: a new key file is made only for a database that never had one (the database holds a key check); a key
// file that others can read is not used.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "host/base/clock.h"
#include "host/base/ids.h"
#include "host/credential/root_keys.h"
#include "host/storage/database.h"

namespace portico::credential {

class KeyRing {
public:
    // A key file that is made gets the passphrase, if there is one. Throws Unavailable "vault_sealed" whose text names
    // the file and what to do.
    KeyRing(const std::filesystem::path& key_file, const SecretBytes& passphrase, storage::Database& database,
            const Clock& clock);

    const std::string& installation() const noexcept { return installation_; }
    const RootKeys& roots() const noexcept { return roots_; }

    // The tenant's key; made on first use (durably, before it is returned).
    Key tenantKey(const TenantId& tenant);

    // Another key for the tenant, in use from now on, and its row for the caller to store together with everything that
    // the old key had sealed. Nobody else may use this object meanwhile, and nobody at all when storing fails.
    struct TenantRow {
        std::uint32_t version = 0;
        std::string key_id, sealed;
    };
    TenantRow renewTenantKey(const TenantId& tenant);

    // Seals everything that root keys seal under the newest of these, which are in use from then on; one transaction.
    // Nobody else may use this object meanwhile.
    void reseal(RootKeys roots);

    // A fresh connection key, and the same sealed under the tenant's key.
    struct Fresh {
        Key key;
        std::string sealed;
    };
    Fresh makeConnectionKey(const TenantId& tenant, const std::string& user, const ConnectionId& connection);
    Key openConnectionKey(const TenantId& tenant, const std::string& user, const ConnectionId& connection,
                          std::string_view sealed);

    // The secret of the installation's own OAuth client, sealed under the newest root key and bound to its place.
    struct ClientPlace {
        std::string provider, client_id;
        std::uint64_t version = 0;
    };
    std::string sealClient(const ClientPlace& place, const SecretBytes& secret) const;
    SecretBytes openClient(const ClientPlace& place, std::string_view sealed) const;
    void checkClients() const;  // opens what is stored of them; throws when one does not open
    void renewClients();        // seals them anew

    // HMAC of an account's identifier under a secret of the tenant's: finds it again without naming it. The secret
    // stays the same when the tenant's key is renewed.
    std::string indexKey(const TenantId& tenant, std::string_view kind, std::string_view value);

private:
    // A tenant's key and the secret of its index, sealed together.
    struct TenantSecrets {
        Key key;
        SecretBytes index;
        TenantSecrets clone() const { return {key.clone(), index.clone()}; }
    };
    TenantSecrets tenantSecrets(const TenantId& tenant);
    TenantRow sealTenant(const TenantId& tenant, const TenantSecrets& secrets);
    Binding rootBinding(std::string_view purpose) const;
    Binding clientBinding(const ClientPlace& place) const;
    void resealClients(storage::SystemTx& tx, const RootKeys& roots) const;

    storage::Database& database_;
    const Clock& clock_;
    std::string installation_;
    RootKeys roots_;
    std::mutex mutex_;  // guards tenants_; never held while the database works
    std::map<std::string, TenantSecrets> tenants_;
};

}  // namespace portico::credential
