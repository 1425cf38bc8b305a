// SPDX-License-Identifier: Apache-2.0
// The key hierarchy: key file -> root key -> tenant keys -> connection keys (record.h seals each under the one above).
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
#include "host/credential/record.h"
#include "host/storage/database.h"

namespace portico::credential {

class KeyRing {
public:
    // Throws Unavailable "vault_sealed" whose text names the file and what to do.
    KeyRing(const std::filesystem::path& key_file, storage::Database& database, const Clock& clock);

    const std::string& installation() const noexcept { return installation_; }

    // The tenant's key in its newest version; made on first use (durably, before it is returned).
    Key tenantKey(const TenantId& tenant);

    // A fresh connection key, and the same sealed under the tenant's key.
    struct Fresh {
        Key key;
        std::string sealed;
    };
    Fresh makeConnectionKey(const TenantId& tenant, const std::string& user, const ConnectionId& connection);
    Key openConnectionKey(const TenantId& tenant, const std::string& user, const ConnectionId& connection,
                          std::string_view sealed);

    // HMAC of an account's identifier under a key of the tenant's: finds it again without naming it.
    std::string indexKey(const TenantId& tenant, std::string_view kind, std::string_view value);

private:
    Binding rootBinding(std::string_view purpose) const;

    storage::Database& database_;
    const Clock& clock_;
    std::string installation_;
    Key root_;
    std::mutex mutex_;  // guards tenant_keys_; never held while the database works
    std::map<std::string, Key> tenant_keys_;
};

}  // namespace portico::credential
