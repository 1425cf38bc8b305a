// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/event_delivery.h"

#include <pthread.h>

#include <algorithm>

#include "host/base/log.h"
#include "host/jobs/backoff.h"

namespace portico::jobs {
namespace {

constexpr const char* kWhy = "events of every tenant are delivered";
constexpr Millis kLongestSleep = std::chrono::seconds(30), kLongestBackoff = std::chrono::minutes(5);
constexpr Millis kLongestCall = std::chrono::minutes(1);
constexpr int kBatchesPerTurn = 10;  // then the next tenant has its turn

}  // namespace

EventDelivery::EventDelivery(storage::Database& database, const Clock& clock) : database_(database), clock_(clock) {
    // Held by the database for good, so it may only touch what outlives the delivery: the waker is shared.
    database_.onEvents([waker = waker_](const TenantId&) { waker->wake(); });
}

EventDelivery::~EventDelivery() { stop(); }

void EventDelivery::Waker::wake() {
    {
        const std::lock_guard lock(mutex);
        ++wakes;
    }
    changed.notify_all();
}

void EventDelivery::add(const std::string& consumer, Handler handler, int batch) {
    if (!threads_.empty()) throw Error(Code::Internal, "consumer", "add a consumer after delivery has started");
    consumers_.push_back(std::make_unique<Consumer>(Consumer{consumer, std::move(handler), batch, {}}));
}

void EventDelivery::start() {
    for (const auto& consumer : consumers_)
        threads_.emplace_back([this, &consumer = *consumer] {
            pthread_setname_np(pthread_self(), ("ev-" + consumer.name).substr(0, 15).c_str());
            deliverLoop(consumer);
        });
}

void EventDelivery::stop() {
    stopping_ = true;
    waker_->wake();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

std::int64_t EventDelivery::deliverDue() {
    std::int64_t delivered = 0;
    for (const auto& consumer : consumers_)
        while (const std::int64_t count = deliverAll(*consumer)) delivered += count;
    return delivered;
}

void EventDelivery::deliverLoop(Consumer& consumer) {
    while (!stopping_) {
        std::uint64_t seen = 0;
        {
            const std::lock_guard lock(waker_->mutex);
            seen = waker_->wakes;
        }
        if (deliverAll(consumer) > 0) continue;
        const Millis sleep = untilNextTry(consumer);
        std::unique_lock lock(waker_->mutex);
        waker_->changed.wait_for(lock, sleep, [&] { return stopping_ || waker_->wakes != seen; });
    }
}

std::int64_t EventDelivery::deliverAll(Consumer& consumer) {
    std::int64_t delivered = 0;
    std::vector<TenantId> tenants;
    try {
        tenants = behind(consumer.name);
    } catch (...) {
        log::error("events.delivery_failed", {{"consumer", consumer.name}, {"error", currentError().what()}});
    }
    for (const TenantId& tenant : tenants) {
        if (stopping_ || !mayTry(consumer, tenant)) continue;
        try {
            delivered += deliverTenant(consumer, tenant);
            const std::lock_guard lock(mutex_);
            consumer.troubles.erase(tenant);
        } catch (...) {
            failed(consumer, tenant, currentError());
        }
    }
    return delivered;
}

std::int64_t EventDelivery::deliverTenant(Consumer& consumer, const TenantId& tenant) {
    registerAll(tenant);
    std::int64_t delivered = 0;
    for (int i = 0; i < kBatchesPerTurn && !stopping_; ++i) {
        const std::int64_t count = deliverBatch(consumer, tenant);
        if (count == 0) break;
        delivered += count;
    }
    return delivered;
}

std::int64_t EventDelivery::deliverBatch(Consumer& consumer, const TenantId& tenant) {
    std::int64_t before = 0;
    const std::vector<storage::StoredEvent> events = database_.read(tenant, [&](storage::Tx& tx) {
        before = storage::ackedSeq(tx, consumer.name);
        return storage::eventsAfter(tx, before, consumer.batch);
    });
    if (events.empty()) return 0;
    CallContext context = CallContext::system(tenant, "events:" + consumer.name);
    context.deadline = Deadline::in(kLongestCall);
    context.given_up = [this] { return stopping_.load(); };
    const std::int64_t acked = std::min(consumer.handler(context, events), events.back().seq);
    if (acked <= before)
        throw Error(Code::Unavailable, "nothing_acked",
                    "deliver events to " + consumer.name + ": it acknowledged none of them");
    database_.write(tenant, [&](storage::Tx& tx) { storage::ack(tx, consumer.name, acked); });
    return acked - before;
}

bool EventDelivery::mayTry(Consumer& consumer, const TenantId& tenant) {
    const std::lock_guard lock(mutex_);
    const auto trouble = consumer.troubles.find(tenant);
    return trouble == consumer.troubles.end() || clock_.now() >= trouble->second.not_before;
}

void EventDelivery::failed(Consumer& consumer, const TenantId& tenant, const Error& error) {
    log::warning(
        "events.delivery_failed",
        {{"consumer", consumer.name}, {"tenant", tenant.str()}, {"reason", error.reason()}, {"error", error.what()}});
    const std::lock_guard lock(mutex_);
    Trouble& trouble = consumer.troubles[tenant];
    ++trouble.failures;
    trouble.problem = error.what();
    trouble.not_before = clock_.now() + std::max(backoff(trouble.failures, error, kLongestBackoff), Millis(100));
}

Millis EventDelivery::untilNextTry(Consumer& consumer) {
    const std::lock_guard lock(mutex_);
    Millis sleep = kLongestSleep;
    for (const auto& [tenant, trouble] : consumer.troubles)
        sleep = std::min(sleep, std::max(trouble.not_before - clock_.now(), Millis(1)));
    return sleep;
}

std::vector<TenantId> EventDelivery::behind(const std::string& consumer) {
    return database_.readSystem(kWhy, [&](storage::SystemTx& tx) {
        std::vector<TenantId> tenants;
        for (const storage::Row& row : tx.query("SELECT h.tenant_id FROM outbox_heads h LEFT JOIN event_consumers c"
                                                " ON c.tenant_id = h.tenant_id AND c.consumer = ?1"
                                                " WHERE h.seq > coalesce(c.acked_seq, -1) ORDER BY h.tenant_id",
                                                consumer))
            tenants.emplace_back(row.text(0));
        return tenants;
    });
}

void EventDelivery::registerAll(const TenantId& tenant) {
    const auto known = database_.read(tenant, [](storage::Tx& tx) {
        return tx.one("SELECT count(*) FROM event_consumers WHERE tenant_id = :tenant")->integer(0);
    });
    if (known >= static_cast<std::int64_t>(consumers_.size())) return;
    std::vector<std::string> names;
    for (const auto& consumer : consumers_) names.push_back(consumer->name);
    database_.write(tenant, [&](storage::Tx& tx) { storage::registerConsumers(tx, names); });
}

std::vector<ConsumerStatus> EventDelivery::status(const TenantId& tenant) {
    std::vector<ConsumerStatus> all;
    database_.read(tenant, [&](storage::Tx& tx) {
        const auto newest =
            tx.one("SELECT coalesce(max(seq), 0) FROM outbox_heads WHERE tenant_id = :tenant")->integer(0);
        for (const auto& consumer : consumers_)
            all.push_back({consumer->name, storage::ackedSeq(tx, consumer->name), newest, 0, ""});
    });
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (const auto trouble = consumers_[i]->troubles.find(tenant); trouble != consumers_[i]->troubles.end()) {
            all[i].failures = trouble->second.failures;
            all[i].problem = trouble->second.problem;
        }
    return all;
}

}  // namespace portico::jobs
