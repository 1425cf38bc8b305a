// SPDX-License-Identifier: Apache-2.0
// CVF1, the format of everything the vault stores sealed: AES-256-GCM under a key that HKDF-SHA256 derives for this one
// record from a 256-bit salt, with a key commitment, and with additional data that binds the record to its place. A row
// copied to another tenant, user, connection, purpose, scope set or version does not open, and neither does one whose
// bits were touched. Thread-safe functions; they allocate no lasting copy of a secret.
//
// Layout (big-endian): "CV", format 1, suite 1, u32 version of the wrapping key, 16 bytes its id, 32 bytes salt,
// 32 bytes commitment, 12 bytes nonce, ciphertext (padded to a multiple of 256, so that its length tells nothing), 16
// bytes tag. The first 100 bytes are additional data, followed by the Binding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/secret.h"

namespace portico::credential {

// One key of the hierarchy root -> tenant -> connection.
struct Key {
    std::uint32_t version = 0;
    std::string id;  // 16 random bytes; not secret
    SecretBytes secret;

    static Key make(std::uint32_t version);
    Key clone() const { return {version, id, secret.clone()}; }
};

// What a record is bound to; a field that does not apply stays empty.
struct Binding {
    std::string purpose;  // one of the words below
    std::string installation;
    std::string tenant, user, connection, provider, subject;
    std::string scopes;  // scopesDigest() of the granted scopes
    std::uint64_t version = 0;
};

namespace purpose {
inline constexpr std::string_view kKeyCheck = "key_check", kTenantKey = "tenant_key", kConnectionKey = "conn_key",
                                  kRefreshToken = "refresh_token", kRevocationOnly = "revocation_only",
                                  kAccount = "account", kVerifier = "pkce_verifier", kPassword = "password",
                                  kRootKeys = "root_keys", kPendingGrant = "pending_grant",
                                  kOAuthClient = "oauth_client";
}  // namespace purpose

inline constexpr std::size_t kRecordHead = 100, kRecordTag = 16, kRecordPad = 256;

std::string seal(const Key& key, const Binding& binding, std::string_view plaintext);

// Throws Denied "record_refused" for anything that is not exactly what seal() made with this key and binding (one text
// for all causes), Unsupported "record_format" for a format or suite this build does not know.
SecretBytes open(const Key& key, const Binding& binding, std::string_view record);

// SHA-256 of the sorted, distinct scopes, each length-prefixed.
std::string scopesDigest(std::vector<std::string> scopes);

}  // namespace portico::credential
