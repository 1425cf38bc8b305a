// SPDX-License-Identifier: Apache-2.0
// What an operator does with the vault's keys by hand, while Portico is stopped: look at them, replace them, check that
// every record opens, keep an escrow copy. Each change is one transaction or can be repeated after a crash: the key
// file holds old and new key before the database changes, and the old one leaves it last. One thread at a time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/credential/grants.h"

namespace portico::credential {

class Custody {
public:
    struct Place {
        std::filesystem::path database;  // vault.db; must exist
        std::filesystem::path key_file;
    };
    // Throws what KeyRing throws.
    Custody(Place place, SecretBytes passphrase, const Clock& clock);

    struct Status {
        struct Root {
            std::string id;  // hex
            std::uint32_t version = 0;
            std::int64_t records = 0;  // tenants' keys and the key check that it seals
        };
        std::vector<Root> roots;  // newest first
        bool passphrase = false;
        std::int64_t connections = 0, grants = 0, pending_revocations = 0;
    };
    Status status();

    // Opens everything that is sealed. One sentence for each record that does not open; empty when all do.
    std::vector<std::string> verify();

    // A new root key seals every tenant's key. The old one stays in the key file, for older backups, until dropOld().
    // Finishes a rotation that was cut short instead of starting another. Throws Conflict while an old one is kept.
    void rotate();
    // From then on backups from before the rotation cannot be opened any more. Throws Conflict when there is none.
    void dropOld();
    // New keys for every tenant and connection, everything sealed anew; one transaction per tenant.
    void rewrap();

    // The root keys sealed under a passphrase of their own, as a file that serves as a key file. Throws Conflict when
    // the file exists.
    void exportEscrow(const std::filesystem::path& file, const SecretBytes& passphrase);
    // Seals the key file under another passphrase, or leaves it in the clear (0600) for an empty one.
    void changePassphrase(SecretBytes passphrase);

private:
    void rewrap(const TenantId& tenant);
    std::vector<TenantId> tenants();

    const Place place_;
    SecretBytes passphrase_;
    const Clock& clock_;
    storage::Database database_;
    KeyRing keys_;
    Ledger ledger_;
    Grants grants_;
};

}  // namespace portico::credential
