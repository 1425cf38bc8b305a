// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/base/clock.h"

namespace portico {

// Tokens that grow with time up to a burst. One thread at a time. A clock that goes back gives nothing.
class TokenBucket {
public:
    TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
    // Zero: one was taken. Else how long until there is one.
    Millis take(Instant now);
    // Takes what was used already, into debt if need be.
    void spend(double tokens, Instant now);
    // How long until there is no debt; zero when there is none.
    Millis inDebt(Instant now) const;
    bool full(Instant now) const;

private:
    double grown(Instant now) const;
    Millis until(double tokens, double have) const;
    double per_second_, burst_, tokens_;
    Instant at_{};
};

}  // namespace portico
