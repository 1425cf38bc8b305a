// SPDX-License-Identifier: Apache-2.0
// How many requests a minute the provider's project has for each of its APIs, for one of its users and in all: what a
// provider counts is spread here instead of being refused there. Several CRM users of one account are one user to the
// provider only as far as the vault can tell (account_id). Numbers are the operator's (google.quotas). Thread-safe.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/token_bucket.h"

namespace portico::credential {

struct Quota {
    std::string prefix;                                  // of host and path: "www.googleapis.com/calendar/"
    double user_per_minute = 0, project_per_minute = 0;  // 0: no limit
};
// "people.googleapis.com/ 90 6000, www.googleapis.com/calendar/ 600 10000"; Invalid for anything else.
std::vector<Quota> readQuotas(std::string_view text);

class Quotas {
public:
    explicit Quotas(std::vector<Quota> quotas);

    // Waits its turn. Throws Limit "quota" with the time to wait when that is after the deadline, Cancelled when the
    // caller left.
    void enter(const std::string& host_and_path, const std::string& account, const Clock& clock, Deadline deadline,
               const GivenUp& given_up);

private:
    struct Api {
        Quota quota;
        TokenBucket project;
        std::map<std::string, TokenBucket> users;
    };
    static Millis take(Api& api, const std::string& account, Instant now);

    std::mutex mutex_;  // guards the buckets
    std::condition_variable never_;
    std::vector<Api> apis_;
};

}  // namespace portico::credential
