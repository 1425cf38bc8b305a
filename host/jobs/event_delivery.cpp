// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/event_delivery.h"

#include <pthread.h>

#include <algorithm>
#include <limits>

#include "host/base/log.h"
#include "host/jobs/backoff.h"

namespace portico::jobs {
namespace {

constexpr const char* kWhy = "events of every tenant are delivered";
constexpr Millis kLongestSleep = std::chrono::seconds(30), kLongestBackoff = std::chrono::minutes(5);
constexpr Millis kLongestCall = std::chrono::minutes(1);
constexpr int kBatchesPerTurn = 10;                                          // then the next tenant has its turn
constexpr std::int64_t kNoPlace = std::numeric_limits<std::int64_t>::max();  // is behind nothing

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
    const std::lock_guard lock(mutex_);
    if (started_) throw Error(Code::Internal, "consumer", "add a consumer after delivery has started");
    consumers_.push_back(std::make_unique<Consumer>(Consumer{consumer, std::move(handler), batch}));
}

void EventDelivery::addGuest(Guest guest) {
    const std::lock_guard lock(mutex_);
    for (const auto& consumer : consumers_)
        if (consumer->name == guest.name) return;
    consumers_.push_back(std::make_unique<Consumer>(Consumer{guest.name, guest.handler, guest.batch, guest}));
    if (started_ && !stopping_) run(*consumers_.back());
}

void EventDelivery::start() {
    const std::lock_guard lock(mutex_);
    started_ = true;
    for (const auto& consumer : consumers_) run(*consumer);
}

void EventDelivery::run(Consumer& consumer) {
    for (int i = 0; i < (consumer.guest ? consumer.guest->threads : 1); ++i)
        threads_.emplace_back([this, &consumer] {
            pthread_setname_np(pthread_self(), ("ev-" + consumer.name).substr(0, 15).c_str());
            deliverLoop(consumer);
        });
}

void EventDelivery::stop() {
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        threads.swap(threads_);
    }
    waker_->wake();
    for (std::thread& thread : threads) thread.join();
}

std::vector<EventDelivery::Consumer*> EventDelivery::all() {
    const std::lock_guard lock(mutex_);
    std::vector<Consumer*> consumers;
    for (const auto& consumer : consumers_) consumers.push_back(consumer.get());
    return consumers;
}

std::int64_t EventDelivery::deliverDue() {
    std::int64_t delivered = 0;
    for (Consumer* consumer : all())
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
        tenants = behind(consumer);
        forgetOthers(consumer, tenants);
    } catch (...) {
        log::error("events.delivery_failed", {{"consumer", consumer.name}, {"error", currentError().what()}});
    }
    for (const TenantId& tenant : tenants) {
        if (stopping_ || !claim(consumer, tenant)) continue;
        try {
            dropExcess(consumer, tenant, false);
            delivered += deliverTenant(consumer, tenant);
            const std::lock_guard lock(mutex_);
            consumer.troubles.erase(tenant);
        } catch (...) {
            failed(consumer, tenant, currentError());
        }
        release(consumer, tenant);
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
    const auto events = database_.read(tenant, [&](storage::Tx& tx) -> std::vector<storage::StoredEvent> {
        if (!storage::isConsumer(tx, consumer.name)) return {};  // a guest that left
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
    database_.write(tenant, [&](storage::Tx& tx) {
        if (storage::isConsumer(tx, consumer.name)) storage::ack(tx, consumer.name, acked);
    });
    return acked - before;
}

void EventDelivery::dropExcess(Consumer& consumer, const TenantId& tenant, bool failing) {
    if (!consumer.guest) return;
    registerAll(tenant);
    const Backlog& most = consumer.guest->most;
    const auto excess = [&](storage::Tx& tx) -> std::optional<std::int64_t> {
        if (!storage::isConsumer(tx, consumer.name)) return std::nullopt;
        const std::int64_t acked = storage::ackedSeq(tx, consumer.name);
        const auto oldest = storage::eventsAfter(tx, acked, 1);
        if (oldest.empty()) return std::nullopt;
        const bool old = failing && clock_.now() - oldest[0].at > most.age;
        return old || storage::newestSeq(tx) - acked > most.events ? std::optional(oldest[0].seq) : std::nullopt;
    };
    if (!database_.read(tenant, excess)) return;
    database_.write(tenant, [&](storage::Tx& tx) {
        const auto first = excess(tx);
        if (!first) return;
        const std::int64_t last = storage::newestSeq(tx);
        storage::ack(tx, consumer.name, last);
        consumer.guest->dropped(tx, *first, last);
    });
}

bool EventDelivery::claim(Consumer& consumer, const TenantId& tenant) {
    const std::lock_guard lock(mutex_);
    const auto trouble = consumer.troubles.find(tenant);
    if (trouble != consumer.troubles.end() && clock_.now() < trouble->second.not_before) return false;
    return consumer.busy.insert(tenant).second;
}

void EventDelivery::release(Consumer& consumer, const TenantId& tenant) {
    const std::lock_guard lock(mutex_);
    consumer.busy.erase(tenant);
}

// A tenant that is not behind any more, because its guest left, is no trouble either.
void EventDelivery::forgetOthers(Consumer& consumer, const std::vector<TenantId>& tenants) {
    const std::lock_guard lock(mutex_);
    std::erase_if(consumer.troubles, [&](const auto& trouble) {
        return !consumer.busy.contains(trouble.first) &&
               std::find(tenants.begin(), tenants.end(), trouble.first) == tenants.end();
    });
}

void EventDelivery::failed(Consumer& consumer, const TenantId& tenant, const Error& error) {
    log::warning(
        "events.delivery_failed",
        {{"consumer", consumer.name}, {"tenant", tenant.str()}, {"reason", error.reason()}, {"error", error.forLog()}});
    {
        const std::lock_guard lock(mutex_);
        Trouble& trouble = consumer.troubles[tenant];
        ++trouble.failures;
        trouble.problem = error.what();
        trouble.not_before = clock_.now() + std::max(backoff(trouble.failures, error, kLongestBackoff), Millis(100));
    }
    try {
        dropExcess(consumer, tenant, true);
    } catch (...) {
        log::error("events.delivery_failed", {{"consumer", consumer.name}, {"error", currentError().what()}});
    }
}

Millis EventDelivery::untilNextTry(Consumer& consumer) {
    const std::lock_guard lock(mutex_);
    Millis sleep = kLongestSleep;
    for (const auto& [tenant, trouble] : consumer.troubles)
        if (!consumer.busy.contains(tenant))
            sleep = std::min(sleep, std::max(trouble.not_before - clock_.now(), Millis(1)));
    return sleep;
}

std::vector<TenantId> EventDelivery::behind(const Consumer& consumer) {
    return database_.readSystem(kWhy, [&](storage::SystemTx& tx) {
        std::vector<TenantId> tenants;
        for (const storage::Row& row : tx.query("SELECT h.tenant_id FROM outbox_heads h LEFT JOIN event_consumers c"
                                                " ON c.tenant_id = h.tenant_id AND c.consumer = ?1"
                                                " WHERE h.seq > coalesce(c.acked_seq, ?2) ORDER BY h.tenant_id",
                                                consumer.name, consumer.guest ? kNoPlace : std::int64_t{-1}))
            tenants.emplace_back(row.text(0));
        return tenants;
    });
}

void EventDelivery::registerAll(const TenantId& tenant) {
    std::vector<std::string> names;
    for (const Consumer* consumer : all())
        if (!consumer->guest) names.push_back(consumer->name);
    const bool known = database_.read(tenant, [&](storage::Tx& tx) {
        return std::all_of(names.begin(), names.end(),
                           [&](const std::string& name) { return storage::isConsumer(tx, name); });
    });
    if (!known) database_.write(tenant, [&](storage::Tx& tx) { storage::registerConsumers(tx, names); });
}

std::vector<ConsumerStatus> EventDelivery::status(const TenantId& tenant) {
    std::vector<ConsumerStatus> statuses;
    std::vector<Consumer*> consumers = all();
    database_.read(tenant, [&](storage::Tx& tx) {
        std::erase_if(consumers, [&](Consumer* each) { return each->guest && !storage::isConsumer(tx, each->name); });
        for (const Consumer* consumer : consumers)
            statuses.push_back({consumer->name, storage::ackedSeq(tx, consumer->name), storage::newestSeq(tx), 0, ""});
    });
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < statuses.size(); ++i)
        if (const auto trouble = consumers[i]->troubles.find(tenant); trouble != consumers[i]->troubles.end()) {
            statuses[i].failures = trouble->second.failures;
            statuses[i].problem = trouble->second.problem;
        }
    return statuses;
}

}  // namespace portico::jobs
