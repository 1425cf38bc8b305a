// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/pace.h"

#include "host/wire/core/tables.h"

namespace portico::plugin {
namespace {

// Table functions are numbered in the order of their table: get, scan, write and query, write.
constexpr std::uint16_t kStoreWrite = wire::StoreTable::kNumber << 8 | 2;
constexpr std::uint16_t kRecordWrite = wire::RecordTable::kNumber << 8 | 1;

Instant steady(std::int64_t now_ns) { return Instant(Millis(now_ns / 1'000'000)); }

}  // namespace

void Pace::await(std::uint16_t method, std::int64_t deadline_ns) {
    std::unique_lock lock(mutex_);
    TokenBucket& bucket = method == kStoreWrite || method == kRecordWrite ? writes_ : all_;
    for (;;) {
        const std::int64_t now = wire::nowNs();
        const Millis wait = bucket.take(steady(now));
        if (wait == Millis(0) || closed_ || now >= deadline_ns) return;
        closing_.wait_for(lock, wait);
    }
}

void Pace::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    closing_.notify_all();
}

}  // namespace portico::plugin
