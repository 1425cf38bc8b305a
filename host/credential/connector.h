// SPDX-License-Identifier: Apache-2.0
// Connecting an account: authorization code flow with PKCE, state and nonce, one consent per plugin. Thread-safe.
// Invariants: a state works once, for ten minutes, in the browser session that began; what is granted is read from the
// provider's answer; an account is known by the provider's id of it, never by its e-mail alone.
#pragma once

#include "host/credential/grants.h"
#include "host/credential/id_token.h"
#include "host/credential/manifests.h"
#include "host/credential/pending_grants.h"
#include "host/credential/token_broker.h"

namespace portico::credential {

class Connector {
public:
    struct Parts {
        const VaultConfig& config;
        OAuthClients& clients;
        Observations& observations;
        const Provider& provider;
        storage::Database& database;
        KeyRing& keys;
        Grants& grants;
        Accounts& accounts;
        Manifests& manifests;
        TokenEndpoint& endpoint;
        TokenBroker& broker;
        Revocations& revocations;
        PendingGrants& pending;
        Transport& transport;
        ProviderKeys& provider_keys;
        const Clock& clock;
    };
    explicit Connector(const Parts& parts) : p_(parts), id_tokens_(p_.provider, p_.provider_keys, p_.clock) {}

    BeginResult begin(const BeginRequest& request);
    CompleteResult complete(const CompleteRequest& request);
    // The user's word on a PendingGrant: connect it beside what there is; or ask for the expected account again.
    CompleteResult accept(const PendingRequest& request);
    BeginResult retry(const PendingRequest& request);

private:
    std::vector<std::string> scopesToAsk(const BeginRequest& request, const manifest::Connection& connection,
                                         const std::optional<ConnectionRow>& existing) const;
    std::string authorizationUrl(const OAuthClient& client, const BeginRequest& request,
                                 const TransactionRow& transaction, const std::string& state,
                                 const std::string& verifier, const std::optional<ConnectionRow>& existing,
                                 const std::optional<ConnectionRow>& expected);
    TransactionRow takeTransaction(const CompleteRequest& request);
    std::optional<ConnectionRow> expectedOf(const BeginRequest& request, const std::optional<ConnectionRow>& existing);
    bool isExpected(const TransactionRow& transaction, const AccountMark& mark);
    CompleteResult finish(const CompleteRequest& request, const TransactionRow& transaction);
    TokenReply exchange(const CompleteRequest& request, const TransactionRow& transaction, Deadline deadline);
    // Who granted it: from the id_token, or for the picker from the provider's about page (then without a subject).
    Account identify(const TransactionRow& transaction, const TokenReply& reply, AccountMark& mark, Deadline deadline);
    // What came of a consent; without a token an older permission of the same account may go on.
    struct Consent {
        std::optional<SecretBytes> token;
        std::vector<std::string> granted;
        std::optional<Instant> ends_at;
        std::string client_id;  // whom it was given to
    };
    void holdOrRefuse(const TransactionRow& transaction, const Account& account, Consent consent,
                      CompleteResult& result);
    struct Place;
    static Place findPlace(storage::Tx& tx, const ConnectionRow& row);
    ConnectionRow store(const TransactionRow& transaction, Account account, const AccountMark& mark,
                        const Consent& consent);
    std::optional<GrantRow> prepare(ConnectionRow& row, Account account, const Place& place, const Consent& consent);

    Parts p_;
    IdTokenVerifier id_tokens_;
};

}  // namespace portico::credential
