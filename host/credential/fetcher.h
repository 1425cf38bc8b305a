// SPDX-License-Identifier: Apache-2.0
// A plugin's request: for which running call (its lease), may it, then the provider, then the record of it. The order
// of the checks is the security model's (lease, URL, host, method, path, scope, headers, size) and comes from the
// manifest the vault itself verified. Thread-safe. Invariants: the record of a use is on its way to the disk before the
// request leaves, and the answer is handed over only once it is durable; refusals are recorded too; a token is only
// ever attached in here; file bytes go through in pieces of kBlobPiece.
#pragma once

#include "host/credential/breaker.h"
#include "host/credential/gate.h"
#include "host/credential/leases.h"
#include "host/credential/manifests.h"
#include "host/credential/passwords.h"
#include "host/credential/response_filter.h"
#include "host/credential/token_broker.h"
#include "host/manifest/egress.h"

namespace portico::credential {

class Fetcher {
public:
    struct Parts {
        const VaultConfig& config;
        const Provider& provider;
        storage::Database& database;
        Manifests& manifests;
        Leases& leases;
        TokenBroker& broker;
        Passwords& passwords;
        Observations& observations;
        Transport& transport;
        const Clock& clock;
    };
    explicit Fetcher(const Parts& parts)
        : p_(parts),
          per_user_(p_.config.calls_per_plugin_user, p_.config.calls_per_second),
          per_host_(p_.config.calls_per_host, 0),
          quotas_(p_.config.quotas) {}

    std::string lease(const LeaseRequest& request);
    FetchResult fetch(const FetchRequest& request, std::string_view body, BlobSource* source, BlobSink* sink);

private:
    struct BodyBlob {
        std::string id;
        std::int64_t offset = 0, length = 0;
    };
    // The plugin's request, read strictly.
    struct Asked {
        std::string method, url;
        HttpHeaders headers;
        std::optional<BodyBlob> body_blob;
        std::string content_blob;
    };
    struct Call;

    static Asked read(const Json& json);
    std::string grantedScope(const manifest::Rule& rule, const ConnectionRow& connection) const;
    std::string nameOf(const LeaseRequest& holder, const manifest::Manifest& manifest,
                       std::optional<ConnectionRow>& connection);
    void check(Call& call);
    FetchResult send(Call& call);
    FetchResult sendWithPassword(Call& call);
    FetchResult attempt(Call& call, const SecretBytes* bearer, const SecretBytes* basic);
    HttpResponse exchange(Call& call, const HttpRequest& request);
    void observe(const Call& call, int status, std::string_view error_text);
    void startRecord(Call& call);
    void finishRecord(Call& call);

    Parts p_;
    Gate per_user_, per_host_;
    Quotas quotas_;
    Breaker accounts_{1};  // by host and account: what answers 429 is left alone
};

}  // namespace portico::credential
