// SPDX-License-Identifier: Apache-2.0
// The two primitives under the record format, as their standards have them: AES-256-GCM (NIST SP 800-38D, 96-bit nonce,
// 128-bit tag) and HKDF-SHA256 (RFC 5869), from OpenSSL. Thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/base/secret.h"

namespace portico::credential {

inline constexpr std::size_t kGcmKey = 32, kGcmNonce = 12, kGcmTag = 16;

// The ciphertext, then the tag.
std::string gcmSeal(std::string_view key, std::string_view nonce, std::string_view additional, std::string_view plain);
// Nothing when key, nonce, additional data, ciphertext and tag do not belong together.
std::optional<SecretBytes> gcmOpen(std::string_view key, std::string_view nonce, std::string_view additional,
                                   std::string_view sealed);

SecretBytes hkdf(std::string_view key, std::string_view salt, std::string_view info, std::size_t length);

}  // namespace portico::credential
