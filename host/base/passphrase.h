// SPDX-License-Identifier: Apache-2.0
// Where a passphrase comes from: a file, a descriptor that was handed down, or a person at the terminal, unseen.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/fd.h"
#include "host/base/secret.h"

namespace portico {

// How a file that only a passphrase opens begins.
inline constexpr std::string_view kSealedByPassphrase = "portico-vault-passphrase 1 ";
bool wantsPassphrase(const std::filesystem::path& file);

// The file's first line. Throws Invalid when it is empty.
SecretBytes readPassphrase(const std::filesystem::path& file);
SecretBytes readPassphrase(const Fd& file);  // from its start
// Throws Unavailable when there is no terminal to ask at.
SecretBytes askPassphrase(const std::string& prompt);
// The passphrase in an anonymous file, to be handed down.
Fd heldPassphrase(const SecretBytes& passphrase);
bool samePassphrase(const SecretBytes& a, const SecretBytes& b);

}  // namespace portico
