// SPDX-License-Identifier: Apache-2.0
#include "host/base/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace portico {

double TokenBucket::grown(Instant now) const {
    const double seconds = std::max(0.0, std::chrono::duration<double>(now - at_).count());
    return std::min(burst_, tokens_ + seconds * per_second_);
}

Millis TokenBucket::take(Instant now) {
    tokens_ = grown(now);
    at_ = now;
    if (tokens_ >= 1) {
        tokens_ -= 1;
        return Millis(0);
    }
    return until(1, tokens_);
}

void TokenBucket::spend(double tokens, Instant now) {
    tokens_ = grown(now) - tokens;
    at_ = now;
}

Millis TokenBucket::inDebt(Instant now) const { return until(0, grown(now)); }

Millis TokenBucket::until(double tokens, double have) const {
    return Millis(static_cast<std::int64_t>(std::ceil(std::max(0.0, tokens - have) / per_second_ * 1000)));
}

bool TokenBucket::full(Instant now) const { return grown(now) >= burst_; }

}  // namespace portico
