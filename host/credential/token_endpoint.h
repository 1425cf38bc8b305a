// SPDX-License-Identifier: Apache-2.0
// The provider's token and revocation endpoints, and what their answers mean. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "host/base/secret.h"
#include "host/credential/config.h"
#include "host/credential/oauth_clients.h"
#include "host/credential/providers/provider.h"
#include "host/credential/transport.h"
#include "host/credential/types.h"

namespace portico::credential {

struct TokenReply {
    SecretBytes access_token;
    std::optional<SecretBytes> refresh_token;
    std::string id_token;
    std::optional<std::vector<std::string>> scopes;  // canonical and sorted; absent means "as asked"
    std::chrono::seconds expires_in{};
    std::optional<std::chrono::seconds> refresh_expires_in;
    std::string client_id;  // of the client that asked
};

// Errors of exchange() and refresh():
//   Denied "invalid_grant"            the code or the refresh token is dead; never retried
//   Denied "reauth_required"          the account's administrator wants the user to sign in again
//   Unavailable "provider_client"     the deployment's client is refused: an operator's matter, not the user's
//   Unavailable "provider_unavailable" 5xx, rate limits, timeouts, no connection, unreadable answers: says nothing
//   about
//                                     the grant
class TokenEndpoint {
public:
    TokenEndpoint(const Provider& provider, const VaultConfig& config, Transport& transport)
        : provider_(provider), config_(config), transport_(transport) {}

    TokenReply exchange(const OAuthClient& client, std::string_view code, const SecretBytes& verifier,
                        Deadline deadline);
    TokenReply refresh(const OAuthClient& client, const SecretBytes& refresh_token, Deadline deadline);
    // Whether the provider knows this client: a refresh that cannot succeed, whose refusal tells.
    ClientVerdict ask(const OAuthClient& client, Deadline deadline);
    // True when the provider confirmed (or the token was dead already); false when it could not be reached or refused.
    bool revoke(const SecretBytes& token, Deadline deadline) noexcept;

private:
    TokenReply post(const OAuthClient& client, std::string form, Deadline deadline);
    HttpResponse send(const OAuthClient& client, std::string form, Deadline deadline);
    TokenReply read(HttpResponse response);
    [[noreturn]] void refuse(const HttpResponse& response) const;

    const Provider& provider_;
    const VaultConfig& config_;
    Transport& transport_;
};

}  // namespace portico::credential
