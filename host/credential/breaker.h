// SPDX-License-Identifier: Apache-2.0
// Leaves alone what is not well: after some failures in a row, or when asked to (Retry-After), nothing is sent for a
// while, which doubles up to five minutes with full jitter; then one request tries again for all. By key. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "host/base/clock.h"
#include "host/credential/provider_watch.h"
#include "host/credential/transport.h"

namespace portico::credential {

class Breaker {
public:
    explicit Breaker(int patience) : patience_(patience) {}

    // Zero: go on. Else for how long to leave it alone.
    Millis rest(const std::string& key, Instant now);
    // `asked`: what the other side wants to be left alone; zero when it did not say.
    void failed(const std::string& key, Instant now, Millis asked);
    void worked(const std::string& key);
    // Until when it is left alone, if it is; asking changes nothing.
    std::optional<Instant> until(const std::string& key, Instant now);

private:
    struct State {
        int failures = 0;
        Instant until{};
    };
    const int patience_;  // failures in a row that are borne
    std::mutex mutex_;    // guards states_
    std::unordered_map<std::string, State> states_;
};

// An HTTP date (RFC 9110: IMF-fixdate); nothing when it is none.
std::optional<Instant> httpDate(const std::string& text);

// Retry-After, in seconds or as a date; zero when there is none that can be read. At most an hour.
Millis retryAfter(const HttpHeaders& headers, Instant now);

// A transport that leaves a host alone which fails for everyone: 5xx, no connection, no answer in time. Throws
// Unavailable "provider_resting". Tells the watch what it sees of the provider's hosts (not of users' own servers).
std::unique_ptr<Transport> makeCarefulTransport(Transport& inner, const Clock& clock, ProviderWatch& watch);

}  // namespace portico::credential
