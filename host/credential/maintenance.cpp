// SPDX-License-Identifier: Apache-2.0
#include "host/credential/maintenance.h"

#include <pthread.h>

#include "host/base/error.h"
#include "host/base/log.h"
#include "host/base/retention.h"
#include "host/credential/security_events.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr auto kEvery = 30s;
constexpr auto kHeartbeat = 24h;
constexpr auto kAskAgain = 1h;
constexpr std::size_t kBatch = 20;  // idle connections asked per tick, so that a thousand do not ask at once

// An error of one duty must not keep the others from being done.
template <class F>
void duty(const char* name, F&& f) {
    try {
        f();
    } catch (const std::exception& error) {
        log::warning("maintenance_failed", {{"duty", name}, {"why", error.what()}});
    }
}

}  // namespace

Maintenance::~Maintenance() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Maintenance::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "vault-upkeep");
        run();
    });
}

void Maintenance::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        tick();
        lock.lock();
        wake_.wait_for(lock, kEvery, [&] { return stopping_; });
    }
}

void Maintenance::tick() {
    duty("pending", [&] { pending_.discardExpired(); });
    duty("revocations", [&] { revocations_.retry(); });
    duty("heartbeat", [&] { heartbeat(); });
    duty("prune", [&] { prune(); });
}

// A refresh of a connection nobody used for a day: notices a revocation at the provider, and keeps the token alive. One
// that failed waits, so that it does not stand before the others.
void Maintenance::heartbeat() {
    std::erase_if(asked_in_vain_, [&](const auto& each) { return each.second + kAskAgain <= clock_.now(); });
    const auto idle =
        database_.readSystem("connections of all tenants are looked after together", [&](storage::SystemTx& tx) {
            std::vector<std::pair<TenantId, ConnectionId>> out;
            for (const auto& row : tx.query("SELECT g.tenant_id, g.connection_id FROM grants g JOIN connections c "
                                            "ON c.tenant_id = g.tenant_id AND c.id = g.connection_id "
                                            "WHERE c.state = 'connected' AND c.server = '' AND g.refreshed_at <= ?1 "
                                            "ORDER BY g.refreshed_at LIMIT ?2",
                                            clock_.now() - kHeartbeat, kBatch + asked_in_vain_.size()))
                out.emplace_back(TenantId(row.text(0)), ConnectionId(row.text(1)));
            return out;
        });
    std::size_t asked = 0;
    for (const auto& [tenant, id] : idle) {
        if (asked == kBatch) break;
        if (asked_in_vain_.contains(id.str())) continue;
        ++asked;
        const auto row = database_.read(tenant, [&, &key = id](storage::Tx& tx) { return findConnection(tx, key); });
        if (!row) continue;
        try {
            broker_.token(*row, nullptr, Deadline::in(15s));
        } catch (const Error& error) {
            asked_in_vain_[id.str()] = clock_.now();
            log::info("heartbeat", {{"connection", id.str()}, {"result", error.reason()}});
        }
    }
}

void Maintenance::prune() {
    const Instant now = clock_.now();
    database_.writeSystem("what is out of date goes for all tenants together", [&](storage::SystemTx& tx) {
        tx.exec("DELETE FROM oauth_transactions WHERE expires_at <= ?1", now);
        tx.exec("DELETE FROM uses WHERE at <= ?1", now - kHistoryKept);
        tx.exec("DELETE FROM connection_log WHERE at <= ?1", now - kHistoryKept);
        tx.exec("DELETE FROM security_events WHERE received_at <= ?1", now - SecurityEvents::kKept);
    });
}

}  // namespace portico::credential
