// SPDX-License-Identifier: Apache-2.0
// The vault's root keys and the file that holds them: a file of its owner's alone (the default), one that systemd hands
// over as a credential (the same text at another place), or a file sealed with a passphrase. While a rotation is under
// way, or old backups must stay readable, a file holds two: the newest first, which alone seals.
// Functions confined to the caller's thread; they allocate no lasting copy of a secret.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "host/credential/record.h"

namespace portico::credential {

struct RootKeys {
    std::vector<Key> keys;  // newest first; one, or two

    static RootKeys make();
    const Key& newest() const { return keys.front(); }
    // The key that a record was sealed with. Throws Unavailable "vault_sealed" when it is none of these.
    const Key& of(std::string_view record) const;
};

// What a record says of the key it was sealed with: 16 bytes.
std::string_view keyIdOf(std::string_view record);

// Throws Unavailable "vault_sealed" whose text names the file and what to do.
RootKeys readRootKeys(const std::filesystem::path& file, const SecretBytes& passphrase);
// Durably, 0600; sealed under the passphrase (argon2id) unless it is empty.
void writeRootKeys(const std::filesystem::path& file, const RootKeys& roots, const SecretBytes& passphrase);

// The words of every message about a key that is missing, damaged or wrong.
std::string lostKeyAdvice(const std::filesystem::path& file);

}  // namespace portico::credential
