// SPDX-License-Identifier: Apache-2.0
#include "host/credential/token_broker.h"

#include <algorithm>
#include <random>
#include <utility>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/damage.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kRefreshBudget = 10s;
constexpr auto kMargin = 5min;
constexpr Millis kMaxBackoff = 5min;
constexpr auto kTestingLife = 24h * 7;

// 0..limit-1, from the system's generator: spreads many clients, guards nothing.
std::int64_t jitter(std::int64_t limit) {
    thread_local std::random_device source;
    return std::uniform_int_distribution<std::int64_t>(0, std::max<std::int64_t>(limit, 1) - 1)(source);
}

bool isRotated(const TokenReply& reply, const SecretBytes& old_token) {
    return reply.refresh_token && !constantTimeEqual(reply.refresh_token->reveal(), old_token.reveal());
}

// Google ends the permissions of a project whose consent screen is in "Testing" after seven days. Newer answers say so
// beforehand (refresh_token_expires_in); otherwise the age tells, seen at the latest by the next day's heartbeat.
bool isOver(const GrantRow& grant, Instant now) { return !grant.ends_at || now + 1h >= *grant.ends_at; }

bool endedInTesting(const GrantRow& grant, Instant now) {
    return isOver(grant, now) && isTestingLife(grant.ends_at.value_or(now) - grant.granted_at);
}

std::string whyItEnded(const GrantRow& grant, Instant now, const std::string& otherwise) {
    if (endedInTesting(grant, now))
        return "Google ended the permission after seven days, as it does while the OAuth consent screen of the "
               "Google Cloud project is in the status \"Testing\": the operator publishes it there (\"In production\") "
               "or makes it \"Internal\"; then connect again";
    if (grant.ends_at && isOver(grant, now))
        return "the permission was given for a limited time, which is over: connect again";
    return otherwise;
}

[[noreturn]] void needReconnect() {
    throw Error(Code::Denied, "reconnect",
                "this connection has no permission any more: the account's owner must connect it again");
}

}  // namespace

bool isTestingLife(Millis life) { return life > kTestingLife - 1h && life < kTestingLife + 48h; }

std::shared_ptr<TokenBroker::Slot> TokenBroker::slot(const TenantId& tenant, const ConnectionId& id) {
    const std::lock_guard lock(mutex_);
    auto& found = slots_[tenant.str() + "/" + id.str()];
    if (!found) found = std::make_shared<Slot>();
    return found;
}

AccessTokenPtr TokenBroker::wrap(const TokenReply& reply, std::int64_t epoch) const {
    // The margin keeps a token alive while a request runs; short-lived tokens get a shorter one.
    const Millis life = reply.expires_in;
    const Millis margin = std::min<Millis>(kMargin + Millis(jitter(60'000)), life / 4);
    auto token = std::make_shared<AccessToken>();
    token->secret = reply.access_token.clone();
    token->renew_at = clock_.now() + life - margin;
    token->epoch = epoch;
    return token;
}

AccessTokenPtr TokenBroker::token(const ConnectionRow& row, const AccessTokenPtr& refused, Deadline deadline) {
    clients_.require();
    if (row.epoch == 0 || row.state != state::kConnected) needReconnect();
    const auto slot = this->slot(row.tenant, row.id);
    std::unique_lock lock(slot->mutex);
    const auto usable = [&] {
        return slot->current && slot->current != refused && slot->current->epoch == row.epoch &&
               clock_.now() < slot->current->renew_at;
    };
    while (!usable()) {
        if (!slot->refreshing) {
            lead(*slot, row, lock);
            return slot->current;
        }
        const std::uint64_t round = slot->round;
        if (!slot->done.wait_for(lock, deadline.left(), [&] { return slot->round != round; }))
            throw Error(Code::Deadline, "deadline", "wait for a new access token: ran out of time");
        if (slot->failure) throw *slot->failure;
    }
    return slot->current;
}

// Refreshes for everyone who asks meanwhile. Enters and leaves with the lock held; not held while calling out.
void TokenBroker::lead(Slot& slot, const ConnectionRow& row, std::unique_lock<std::mutex>& lock) {
    // Further off than any pause: this machine's clock was set back.
    if (const Instant now = clock_.now(); now < slot.not_before && slot.not_before - now <= kMaxBackoff)
        throw Error(Code::Unavailable, "provider_unavailable",
                    "the provider failed a moment ago; it is asked again later", (slot.not_before - now).count());
    slot.refreshing = true;
    lock.unlock();
    AccessTokenPtr fresh;
    std::optional<Error> failure;
    try {
        fresh = refresh(slot, row);
    } catch (...) {
        failure = currentError();
    }
    lock.lock();
    slot.refreshing = false;
    ++slot.round;
    slot.failure = failure;
    if (!failure) {
        slot.current = fresh;
        slot.failures = 0;
    } else if (failure->code() != Code::Unavailable) {
        slot.current.reset();
    } else {
        const std::int64_t ceiling =
            std::min<std::int64_t>(kMaxBackoff.count(), std::int64_t{1000} << std::min(slot.failures++, 9));
        slot.not_before = clock_.now() + Millis(1 + jitter(ceiling));
    }
    slot.done.notify_all();
    if (failure) throw *failure;
}

AccessTokenPtr TokenBroker::refresh(Slot& slot, const ConnectionRow& asked) {
    // Read again: a disconnect or another consent may have come first.
    const auto seen = database_.read(asked.tenant, [&](storage::Tx& tx) {
        return std::pair(findConnection(tx, asked.id), findGrant(tx, asked.id));
    });
    if (!seen.first || !seen.second || seen.first->epoch != asked.epoch) needReconnect();
    const ConnectionRow& row = *seen.first;
    const GrantRow& grant = *seen.second;
    const OAuthClientPtr client = clients_.require();
    // What was given to another client, that one alone may refresh.
    if (!grant.client_id.empty() && grant.client_id != client->id) needReconnect();
    const SecretBytes old_token = openForUse(database_, grants_, row, grant, clock_);
    try {
        TokenReply reply = ask(slot, *client, grant, old_token);
        if (!store(slot, row, grant, old_token, reply)) {
            discard(row, old_token, reply);
            needReconnect();
        }
        const std::lock_guard lock(mutex_);
        alarm_.clear();
        return wrap(reply, grant.epoch);
    } catch (const Error& error) {
        if (error.reason() == "invalid_grant" || error.reason() == "reauth_required") {
            end(row, grant, error);
            needReconnect();
        }
        if (error.reason() == "provider_client") {
            const std::lock_guard lock(mutex_);
            alarm_ = error.what();
        }
        throw;
    }
}

TokenReply TokenBroker::ask(Slot& slot, const OAuthClient& client, const GrantRow& grant,
                            const SecretBytes& old_token) {
    if (auto kept = std::exchange(slot.unsaved, std::nullopt); kept && kept->epoch == grant.epoch)
        return std::move(kept->reply);
    return endpoint_.refresh(client, old_token, Deadline::in(kRefreshBudget));
}

// A rotated refresh token that was not stored would be the only good one, and gone.
bool TokenBroker::store(Slot& slot, const ConnectionRow& row, const GrantRow& grant, const SecretBytes& old_token,
                        TokenReply& reply) {
    try {
        return write(row, grant, old_token, reply);
    } catch (...) {
        slot.unsaved.emplace(Slot::Unsaved{grant.epoch, std::move(reply)});
        throw;
    }
}

// Keeps a changed scope set or a rotated refresh token; in any case proves by the fence that the grant still stands:
// false when a disconnect or another consent came first.
bool TokenBroker::write(ConnectionRow row, const GrantRow& grant, const SecretBytes& old_token,
                        const TokenReply& reply) {
    const bool rescoped = reply.scopes && *reply.scopes != row.granted;
    const bool rotated = isRotated(reply, old_token);
    const std::size_t before = row.granted.size();
    if (rescoped) row.granted = *reply.scopes;
    std::optional<GrantRow> resealed;
    if (rescoped || rotated) resealed = grants_.reseal(row, grant, rotated ? *reply.refresh_token : old_token);
    const Instant now = clock_.now();
    const bool kept = database_.write(row.tenant, [&](storage::Tx& tx) {
        if (!(resealed ? resealGrant(tx, row.id, *resealed, now) : touchGrant(tx, row.id, grant, now))) return false;
        if (!rescoped) return true;
        updateConnection(tx, row);
        addLog(tx, row, now, "scopeChanged",
               "the permission now covers " + std::to_string(row.granted.size()) +
                   " scopes (before: " + std::to_string(before) + ")");
        return true;
    });
    if (kept && resealed) grants_.stored(row, grant.version + 1);
    return kept;
}

// Nobody will ever use what the provider has just made, so it is told to forget it, now or by maintenance.
void TokenBroker::discard(const ConnectionRow& row, const SecretBytes& old_token, const TokenReply& reply) {
    if (isRotated(reply, old_token))
        revocations_.endUnused(row.tenant, row.user, grants_.openAccount(row), *reply.refresh_token);
}

void TokenBroker::end(const ConnectionRow& row, const GrantRow& grant, const Error& error) {
    const bool revoked = error.reason() == "invalid_grant";
    const Instant now = clock_.now();
    const std::string why = revoked ? whyItEnded(grant, now, error.what()) : error.what();
    const bool mine = database_.write(row.tenant, [&](storage::Tx& tx) {
        const auto current = findGrant(tx, row.id);
        if (!current || current->epoch != grant.epoch) return false;
        if (revoked) deleteGrant(tx, row.id);
        setConnectionState(tx, row.id, revoked ? state::kRevoked : state::kNeedsReconnect, why);
        addLog(tx, row, now, revoked ? "revoked" : "needsReconnect", why);
        return true;
    });
    if (mine && revoked && endedInTesting(grant, now)) observations_.endedAsInTesting();
    if (mine && revoked) database_.checkpointTruncate();  // the dead token's bytes leave the disk too
}

void TokenBroker::markNeedsReconnect(const ConnectionRow& row, const std::string& problem) {
    database_.write(row.tenant, [&](storage::Tx& tx) { needsReconnect(tx, row, problem, clock_.now()); });
}

void TokenBroker::keep(const ConnectionRow& row, const TokenReply& reply) {
    const auto slot = this->slot(row.tenant, row.id);
    const std::lock_guard lock(slot->mutex);
    slot->current = wrap(reply, row.epoch);
    slot->failures = 0;
    slot->not_before = {};
}

void TokenBroker::forget(const TenantId& tenant, const ConnectionId& id) {
    std::shared_ptr<Slot> slot;
    {
        const std::lock_guard lock(mutex_);
        const auto found = slots_.find(tenant.str() + "/" + id.str());
        if (found == slots_.end()) return;
        slot = found->second;
        slots_.erase(found);
    }
    const std::lock_guard lock(slot->mutex);
    slot->current.reset();
}

void TokenBroker::forgetAll() {
    std::unordered_map<std::string, std::shared_ptr<Slot>> slots;
    {
        const std::lock_guard lock(mutex_);
        slots.swap(slots_);
        alarm_.clear();
    }
    for (const auto& [name, slot] : slots) {
        const std::lock_guard lock(slot->mutex);
        slot->current.reset();
    }
}

std::string TokenBroker::alarm() const {
    const std::lock_guard lock(mutex_);
    return alarm_;
}

}  // namespace portico::credential
