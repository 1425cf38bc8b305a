// SPDX-License-Identifier: Apache-2.0
#include "host/credential/gate.h"

#include <algorithm>

#include "host/base/clock.h"
#include "host/base/error.h"

namespace portico::credential {
namespace {

constexpr double kBurst = 10;  // requests that may start together after a pause
constexpr Millis kLook{50};    // how often a waiting request looks whether its caller is still there

}  // namespace

Gate::Pass Gate::enter(const std::string& key, Deadline deadline, const GivenUp& given_up) {
    std::unique_lock lock(mutex_);
    const auto limit = [&] {
        throw Error(Code::Limit, "too_many_requests", "too many requests at once for " + key + ": try again shortly",
                    1000);
    };
    for (;;) {
        Lane& lane = lanes_[key];
        const std::int64_t now = monotonicNs();
        const auto step = per_second_ > 0 ? static_cast<std::int64_t>(1e9 / per_second_) : 0;
        const std::int64_t start =
            std::max(lane.next_ns, now - static_cast<std::int64_t>(kBurst * static_cast<double>(step)));
        const bool room = lane.running < at_once_;
        if (room && start <= now) {
            lane.next_ns = start + step;
            ++lane.running;
            return Pass(*this, key);
        }
        const Millis left = deadline.left();
        if (left.count() == 0) limit();
        // Without room only a leaving request helps; with room, only time.
        Millis wait = room ? std::min(left, Millis((start - now) / 1'000'000 + 1)) : left;
        if (given_up) wait = std::min(wait, kLook);
        ++lane.waiting;
        left_.wait_for(lock, wait);
        lock.unlock();
        const bool gone = given_up && given_up();
        lock.lock();
        --lanes_[key].waiting;
        if (gone) {
            dropIdle(key, monotonicNs());
            throw Error(Code::Cancelled, "given_up", "the caller gave up");
        }
    }
}

void Gate::leave(const std::string& key) {
    const std::lock_guard lock(mutex_);
    --lanes_[key].running;
    dropIdle(key, monotonicNs());
    left_.notify_all();
}

void Gate::dropIdle(const std::string& key, std::int64_t now) {
    const auto found = lanes_.find(key);
    if (found->second.running == 0 && found->second.waiting == 0 && found->second.next_ns <= now) lanes_.erase(found);
}

}  // namespace portico::credential
