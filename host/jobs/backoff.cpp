// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/backoff.h"

#include <algorithm>
#include <cstring>

#include "host/base/bytes.h"

namespace portico::jobs {
namespace {

constexpr Millis kLongestWait = std::chrono::minutes(5);

}  // namespace

Verdict verdictOf(const Error& error) {
    switch (error.code()) {
        case Code::Invalid:
        case Code::Denied:
        case Code::NotFound:
        case Code::Unsupported: return Verdict::Park;
        default: return Verdict::Retry;
    }
}

bool waitsForOthers(const Error& error) { return error.code() == Code::Unavailable || error.code() == Code::Deadline; }

Millis randomUpTo(Millis most) {
    if (most.count() <= 0) return Millis(0);
    const std::string bytes = randomBytes(sizeof(std::uint64_t));
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return Millis(static_cast<std::int64_t>(number % (static_cast<std::uint64_t>(most.count()) + 1)));
}

Millis backoff(int attempts, const Error& error, Millis longest) {
    const int doublings = std::clamp(attempts - 1, 0, 30);
    const Millis ceiling =
        std::min({Millis(1000LL << doublings), longest, waitsForOthers(error) ? kLongestWait : Millis::max()});
    return std::max(randomUpTo(ceiling), Millis(error.retryAfterMs()));
}

}  // namespace portico::jobs
