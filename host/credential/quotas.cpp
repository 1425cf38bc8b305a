// SPDX-License-Identifier: Apache-2.0
#include "host/credential/quotas.h"

#include <algorithm>
#include <sstream>

#include "host/base/error.h"

namespace portico::credential {
namespace {

constexpr Millis kLook{50};                // between looks at the caller while waiting
constexpr std::size_t kManyUsers = 4'096;  // known at once before the idle ones are forgotten

TokenBucket bucket(double per_minute) { return TokenBucket(per_minute / 60, std::max(1.0, per_minute)); }

}  // namespace

std::vector<Quota> readQuotas(std::string_view text) {
    std::vector<Quota> quotas;
    std::istringstream entries{std::string(text)};
    for (std::string entry; std::getline(entries, entry, ',');) {
        std::istringstream words(entry);
        Quota quota;
        std::string rest;
        if (!(words >> quota.prefix)) continue;
        if (!(words >> quota.user_per_minute >> quota.project_per_minute) || (words >> rest) ||
            quota.user_per_minute < 0 || quota.project_per_minute < 0 || quota.prefix.find('/') == std::string::npos)
            throw Error(Code::Invalid, "config",
                        "google.quotas: '" + entry +
                            "' is not of the form 'www.googleapis.com/calendar/ 600 10000' (host and path, requests "
                            "per minute of one user, of all)");
        quotas.push_back(std::move(quota));
    }
    return quotas;
}

Quotas::Quotas(std::vector<Quota> quotas) {
    for (Quota& quota : quotas) apis_.push_back({quota, bucket(quota.project_per_minute), {}});
}

// Zero: it may start. The user's turn is given back when the project has none, so that nobody pays for nothing.
Millis Quotas::take(Api& api, const std::string& account, Instant now) {
    if (api.users.size() >= kManyUsers)
        std::erase_if(api.users, [&](const auto& each) { return each.second.full(now); });
    TokenBucket& user = api.users.try_emplace(account, bucket(api.quota.user_per_minute)).first->second;
    if (api.quota.user_per_minute > 0)
        if (const Millis wait = user.take(now); wait.count() > 0) return wait;
    if (api.quota.project_per_minute <= 0) return Millis(0);
    const Millis wait = api.project.take(now);
    if (wait.count() > 0 && api.quota.user_per_minute > 0) user.spend(-1, now);
    return wait;
}

void Quotas::enter(const std::string& host_and_path, const std::string& account, const Clock& clock, Deadline deadline,
                   const GivenUp& given_up) {
    const auto api = std::find_if(apis_.begin(), apis_.end(),
                                  [&](const Api& each) { return host_and_path.starts_with(each.quota.prefix); });
    if (api == apis_.end()) return;
    std::unique_lock lock(mutex_);
    for (;;) {
        const Millis wait = take(*api, account, clock.now());
        if (wait.count() == 0) return;
        if (wait > deadline.left())
            throw Error(Code::Limit, "quota",
                        "so many requests a minute are not allowed to " + api->quota.prefix + ": go on a little later",
                        wait.count());
        never_.wait_for(lock, std::min(wait, kLook));
        lock.unlock();
        const bool gone = given_up && given_up();
        lock.lock();
        if (gone) throw Error(Code::Cancelled, "given_up", "the caller gave up");
    }
}

}  // namespace portico::credential
