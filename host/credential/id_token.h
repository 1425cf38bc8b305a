// SPDX-License-Identifier: Apache-2.0
// Checks an OpenID Connect id_token: the provider's signature, issuer, audience, expiry, nonce. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "host/credential/provider_keys.h"

namespace portico::credential {

struct Identity {
    std::string subject, email;
};

class IdTokenVerifier {
public:
    IdTokenVerifier(const Provider& provider, ProviderKeys& keys, const Clock& clock)
        : provider_(provider), keys_(keys), clock_(clock) {}

    // Throws Denied "oauth_id_token" saying which check failed.
    Identity verify(std::string_view token, const std::string& audience, const std::string& nonce, Deadline deadline);

private:
    Json signedClaims(std::string_view token, Deadline deadline);

    const Provider& provider_;
    ProviderKeys& keys_;
    const Clock& clock_;
};

}  // namespace portico::credential
