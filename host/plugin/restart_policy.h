// SPDX-License-Identifier: Apache-2.0
// When a crashed plugin may start again: after a pause that doubles with each recent crash, and not at all after five
// crashes in ten minutes, until an operator lets it. Thread contract: one thread at a time (its owner's lock).
#pragma once

#include <deque>

#include "host/base/clock.h"

namespace portico::plugin {

class RestartPolicy {
public:
    static constexpr Millis kWindow = std::chrono::minutes(10);
    static constexpr std::size_t kQuarantineAfter = 5;
    static constexpr Millis kFirstPause{500}, kLongestPause{30'000};

    void crashed(Instant now) {
        forget(now);
        crashes_.push_back(now);
        if (crashes_.size() >= kQuarantineAfter) quarantined_ = true;
    }
    bool quarantined() const { return quarantined_; }
    // Crashes that still count.
    int recent(Instant now) {
        forget(now);
        return static_cast<int>(crashes_.size());
    }
    // How long to wait from `now` on; 0 = start at once.
    Millis pause(Instant now) {
        forget(now);
        if (crashes_.empty()) return Millis(0);
        Millis after = kFirstPause;
        for (std::size_t i = 1; i < crashes_.size() && after < kLongestPause; ++i) after *= 2;
        const Instant ready = crashes_.back() + std::min(after, kLongestPause);
        return ready > now ? ready - now : Millis(0);
    }
    void release() {
        crashes_.clear();
        quarantined_ = false;
    }

private:
    void forget(Instant now) {
        while (!crashes_.empty() && crashes_.front() <= now - kWindow) crashes_.pop_front();
    }

    std::deque<Instant> crashes_;
    bool quarantined_ = false;
};

}  // namespace portico::plugin
