// SPDX-License-Identifier: Apache-2.0
// Access tokens: in memory only, refreshed in time, one refresh per connection at once however many ask. Thread-safe.
// Invariants: what a refresh brought is kept only if the grant is still the one that was refreshed (epoch and version);
// what came too late is thrown away, and revoked when a disconnect was faster; invalid_grant ends the connection, a
// server error or a timeout never does; no lock is held while calling out.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "host/base/clock.h"
#include "host/credential/observations.h"
#include "host/credential/revocations.h"

namespace portico::credential {

// How long a permission lasts that is given while the provider's consent screen is in the status "Testing": seven days,
// within what clocks and schedules make of it.
bool isTestingLife(Millis life);

struct AccessToken {
    SecretBytes secret;
    Instant renew_at;  // before its end, by a margin
    std::int64_t epoch = 0;
};
using AccessTokenPtr = std::shared_ptr<const AccessToken>;

class TokenBroker {
public:
    TokenBroker(storage::Database& database, Grants& grants, Revocations& revocations, OAuthClients& clients,
                TokenEndpoint& endpoint, Observations& observations, const Clock& clock)
        : database_(database),
          grants_(grants),
          revocations_(revocations),
          clients_(clients),
          endpoint_(endpoint),
          observations_(observations),
          clock_(clock) {}

    // A token for the row's grant. Denied "reconnect" when the grant is gone; Unavailable when the provider is.
    // `refused`: a token the provider just answered 401 to; it is not handed out again.
    AccessTokenPtr token(const ConnectionRow& row, const AccessTokenPtr& refused, Deadline deadline);

    // After a consent: the token that came with it.
    void keep(const ConnectionRow& row, const TokenReply& reply);
    void forget(const TenantId& tenant, const ConnectionId& id);
    // Another client: what was brought for the one before, and its alarm, are of no use.
    void forgetAll();

    // The provider refused a token that was fresh: the owner must connect again.
    void markNeedsReconnect(const ConnectionRow& row, const std::string& problem);

    // Set while the provider refuses the deployment's own client; empty otherwise.
    std::string alarm() const;

private:
    struct Slot {
        std::mutex mutex;  // guards what follows
        std::condition_variable done;
        AccessTokenPtr current;
        bool refreshing = false;
        std::uint64_t round = 0;       // refreshes finished
        std::optional<Error> failure;  // of the last one
        int failures = 0;              // in a row, temporary ones
        Instant not_before{};
        // What the provider gave and could not be stored (a full disk): stored before anything else is asked for. Of
        // the one thread that refreshes.
        struct Unsaved {
            std::int64_t epoch;
            TokenReply reply;
        };
        std::optional<Unsaved> unsaved;
    };

    std::shared_ptr<Slot> slot(const TenantId& tenant, const ConnectionId& id);
    void lead(Slot& slot, const ConnectionRow& row, std::unique_lock<std::mutex>& lock);
    AccessTokenPtr refresh(Slot& slot, const ConnectionRow& row);
    TokenReply ask(Slot& slot, const OAuthClient& client, const GrantRow& grant, const SecretBytes& old_token);
    bool store(Slot& slot, const ConnectionRow& row, const GrantRow& grant, const SecretBytes& old_token,
               TokenReply& reply);
    bool write(ConnectionRow row, const GrantRow& grant, const SecretBytes& old_token, const TokenReply& reply);
    void discard(const ConnectionRow& row, const SecretBytes& old_token, const TokenReply& reply);
    void end(const ConnectionRow& row, const GrantRow& grant, const Error& error);
    AccessTokenPtr wrap(const TokenReply& reply, std::int64_t epoch) const;

    storage::Database& database_;
    Grants& grants_;
    Revocations& revocations_;
    OAuthClients& clients_;
    TokenEndpoint& endpoint_;
    Observations& observations_;
    const Clock& clock_;
    mutable std::mutex mutex_;  // guards slots_ and alarm_
    std::unordered_map<std::string, std::shared_ptr<Slot>> slots_;
    std::string alarm_;
};

}  // namespace portico::credential
