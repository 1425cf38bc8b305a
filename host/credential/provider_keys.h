// SPDX-License-Identifier: Apache-2.0
// What a provider signed (JWS, RS256 alone), and the keys it signs with. The key set is fetched when a key id is not
// known, at most once a minute, and kept as long as its Cache-Control says. Thread-safe; no lock is held while
// fetching.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/base/clock.h"
#include "host/base/json.h"
#include "host/credential/providers/provider.h"
#include "host/credential/transport.h"

namespace portico::credential {

class ProviderKeys {
public:
    ProviderKeys(const Provider& provider, Transport& transport, const Clock& clock)
        : provider_(provider), transport_(transport), clock_(clock) {}

    // The claims of a token that this provider signed; whom they are for and how old they are is the caller's to check.
    // Throws Denied with the reasons token_unreadable, token_key (not among the published ones), token_key_unasked (the
    // same, but they were read too lately to be read again), token_signature; Unavailable "jwks".
    Json verify(std::string_view token, Deadline deadline);

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
