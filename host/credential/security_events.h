// SPDX-License-Identifier: Apache-2.0
// What a provider tells of its accounts by itself (Google's Cross-Account Protection: Security Event Tokens, RFC 8417):
// permissions withdrawn, accounts disabled or deleted. The token comes from anyone, so nothing is believed but what the
// provider signed for this application, lately and once. Thread-safe.
// Invariants: an event is carried out at most once, also across restarts; it never touches a permission that was given
// after it.
#pragma once

#include "host/credential/oauth_clients.h"
#include "host/credential/provider_keys.h"
#include "host/credential/security_event_token.h"
#include "host/credential/token_broker.h"

namespace portico::credential {

class SecurityEvents {
public:
    struct Parts {
        OAuthClients& clients;
        const Provider& provider;
        storage::Database& database;
        Grants& grants;
        Accounts& accounts;
        ProviderKeys& provider_keys;
        TokenBroker& broker;
        const Clock& clock;
    };
    explicit SecurityEvents(const Parts& parts) : p_(parts) {}

    // How long carried out events are remembered: longer than one is accepted after it was signed.
    static constexpr auto kKept = kSecurityEventAge + std::chrono::hours(24);

    // Carries a token out; nothing when it was already. Throws Denied with RFC 8935's error code as the reason:
    // invalid_request, invalid_key, invalid_issuer, invalid_audience, authentication_failed.
    std::vector<SecurityEffect> receive(std::string_view token, Deadline deadline);

private:
    struct Planned {
        ConnectionRow row;
        std::string_view kind;
        std::string detail;
    };
    SecurityEventToken verified(std::string_view token, Deadline deadline);
    std::vector<Planned> plan(const SecurityEvent& event, Instant signed_at);
    std::vector<ConnectionRow> ofToken(const std::string& algorithm, const std::string& name);
    bool isNamed(const ConnectionRow& row, const std::string& algorithm, const std::string& name);
    bool isOlder(const ConnectionRow& row, Instant signed_at);
    std::vector<SecurityEffect> carryOut(const std::string& jti, const std::vector<Planned>& planned);

    Parts p_;
};

}  // namespace portico::credential
