// SPDX-License-Identifier: Apache-2.0
// What requests to the provider show by the way: since when one of its hosts does not answer, and how far this
// machine's clock is off. In memory: a fresh vault knows nothing before its first request. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "host/credential/providers/provider.h"
#include "host/credential/types.h"

namespace portico::credential {

class ProviderWatch {
public:
    explicit ProviderWatch(const Provider& provider) : provider_(provider) {}

    // An answer's Date header, for a request that was sent and whose answer began at these times of our clock. The
    // provider wrote it in between, so what is noted is the least that our clock is off by; zero when it may be right.
    void dated(const std::string& date_header, Instant sent, Instant answered);
    // `why` as in ProviderState::failure; `again`: when the host is asked next, if it is left alone until then.
    void failed(const std::string& host, Instant now, const char* why, std::optional<Instant> again);
    void worked(const std::string& host);

    ProviderState state(Instant now) const;

private:
    struct Trouble {
        int failures = 0;  // in a row
        Instant since, last;
        std::optional<Instant> again;
        const char* why = "";
    };
    const Provider& provider_;
    mutable std::mutex mutex_;                // guards what follows
    std::map<std::string, Trouble> trouble_;  // by host, "https://..."
    std::optional<Millis> ahead_;
    std::optional<Instant> dated_at_;
};

}  // namespace portico::credential
