// SPDX-License-Identifier: Apache-2.0
// How long to wait before trying again, and whether to try at all. Pure but for the random number; thread-safe.
#pragma once

#include "host/base/clock.h"
#include "host/base/error.h"

namespace portico::jobs {

constexpr int kMostAttempts = 10;  // of a job that fails by itself

// Whether the job only waits for something else that is away (a service, the vault): it is tried again, at most every
// five minutes, until that is back, however long it takes.
bool waitsForOthers(const Error& error);

enum class Verdict {
    Retry,  // may work later
    Park,   // the same again would fail the same way: someone has to change something
};
Verdict verdictOf(const Error& error);

// Full jitter: anything from nothing to 1 s x 2^(attempts-1), at most an hour or `longest`, but never less than the
// error asks for. Spread over the whole range, so that many that failed together do not come back together.
Millis backoff(int attempts, const Error& error, Millis longest = std::chrono::hours(1));
// Uniform in [0, most].
Millis randomUpTo(Millis most);

}  // namespace portico::jobs
