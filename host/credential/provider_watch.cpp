// SPDX-License-Identifier: Apache-2.0
#include "host/credential/provider_watch.h"

#include "host/credential/breaker.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr int kBlips = 2;         // failures in a row that are nobody's news
constexpr auto kForgotten = 2h;   // a host that nobody asks any more says nothing about now
constexpr auto kResolution = 1s;  // of a Date header

}  // namespace

void ProviderWatch::dated(const std::string& date_header, Instant sent, Instant answered) {
    const std::optional<Instant> date = httpDate(date_header);
    if (!date || answered < sent) return;  // our own clock was set back meanwhile
    const Millis ahead = sent > *date + kResolution ? sent - (*date + kResolution)
                         : answered < *date         ? answered - *date
                                                    : Millis(0);
    const std::lock_guard lock(mutex_);
    ahead_ = ahead;
    dated_at_ = answered;
}

void ProviderWatch::failed(const std::string& host, Instant now, const char* why, std::optional<Instant> again) {
    const std::lock_guard lock(mutex_);
    Trouble& trouble = trouble_[host];
    if (trouble.failures++ == 0) trouble.since = now;
    trouble.last = now;
    trouble.again = again;
    trouble.why = why;
}

void ProviderWatch::worked(const std::string& host) {
    const std::lock_guard lock(mutex_);
    trouble_.erase(host);
}

ProviderState ProviderWatch::state(Instant now) const {
    ProviderState out;
    out.name = provider_.name;
    out.title = provider_.title;
    const std::lock_guard lock(mutex_);
    out.clock_ahead = ahead_;
    out.clock_seen_at = dated_at_;
    for (const auto& [host, trouble] : trouble_) {
        const bool resting = trouble.again && *trouble.again > now;
        if ((trouble.failures <= kBlips && !resting) || trouble.last + kForgotten < now) continue;
        if (out.failing_since && *out.failing_since <= trouble.since) continue;
        out.failing_since = trouble.since;
        out.failure = trouble.why;
        out.next_try = resting ? trouble.again : std::nullopt;
    }
    return out;
}

}  // namespace portico::credential
