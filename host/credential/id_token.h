// SPDX-License-Identifier: Apache-2.0
// Checks an OpenID Connect id_token: RS256 by a key of the provider's set, issuer, audience, expiry, nonce. The key set
// is fetched when a key id is not known, at most once a minute, and kept as long as its Cache-Control says.
// Thread-safe; no lock is held while fetching.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/base/clock.h"
#include "host/credential/providers/provider.h"
#include "host/credential/transport.h"

namespace portico::credential {

struct Identity {
    std::string subject, email;
};

class IdTokenVerifier {
public:
    IdTokenVerifier(const Provider& provider, Transport& transport, const Clock& clock)
        : provider_(provider), transport_(transport), clock_(clock) {}

    // Throws Denied "oauth_id_token" saying which check failed.
    Identity verify(std::string_view token, const std::string& audience, const std::string& nonce, Deadline deadline);

private:
    struct RsaKey {
        std::string modulus, exponent;  // big-endian bytes
    };
    RsaKey keyFor(const std::string& id, Deadline deadline);
    void fetchKeys(Deadline deadline);

    const Provider& provider_;
    Transport& transport_;
    const Clock& clock_;
    std::mutex mutex_;  // guards what follows
    std::map<std::string, RsaKey> keys_;
    Instant fetched_at_{}, stale_at_{};
};

}  // namespace portico::credential
