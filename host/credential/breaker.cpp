// SPDX-License-Identifier: Apache-2.0
#include "host/credential/breaker.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "host/base/error.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kFirstMs = 1'000, kLongestMs = 300'000;
constexpr auto kLongestAsked = Millis(1h);
constexpr auto kTrial = Millis(10s);  // how long the others wait for the one that tries
constexpr int kPatience = 5;

// 0..limit, from the system's generator: spreads many clients, guards nothing.
std::int64_t jitter(std::int64_t limit) {
    thread_local std::random_device source;
    return std::uniform_int_distribution<std::int64_t>(0, limit)(source);
}

class CarefulTransport final : public Transport {
public:
    CarefulTransport(Transport& inner, const Clock& clock) : inner_(inner), clock_(clock) {}

    HttpResponse send(const HttpRequest& request) override {
        const std::string host = request.url.substr(0, request.url.find('/', 8));  // "https://host[:port]"
        if (const Millis wait = hosts_.rest(host, clock_.now()); wait.count() > 0)
            throw Error(Code::Unavailable, "provider_resting",
                        host + " failed several times in a row; it is asked again in " +
                            std::to_string((wait.count() + 999) / 1000) + " s",
                        wait.count());
        try {
            HttpResponse response = inner_.send(request);
            if (response.status >= 500)
                hosts_.failed(host, clock_.now(), retryAfter(response.headers, clock_.now()));
            else
                hosts_.worked(host);
            return response;
        } catch (const Error& error) {
            // What the caller's own part threw, or its leaving, says nothing about the host.
            if (error.reason() == "http_not_sent" || error.reason() == "http_unknown")
                hosts_.failed(host, clock_.now(), Millis(0));
            throw;
        }
    }

private:
    Transport& inner_;
    const Clock& clock_;
    Breaker hosts_{kPatience};
};

}  // namespace

Millis Breaker::rest(const std::string& key, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(key);
    if (found == states_.end() || found->second.until == Instant{}) return Millis(0);
    State& state = found->second;
    if (now < state.until) return state.until - now;
    state.until = now + kTrial;
    return Millis(0);
}

void Breaker::failed(const std::string& key, Instant now, Millis asked) {
    const std::lock_guard lock(mutex_);
    State& state = states_[key];
    ++state.failures;
    const int over = state.failures - patience_;
    if (asked.count() > 0)
        state.until = now + asked;
    else if (over >= 0)
        state.until = now + Millis(1 + jitter(std::min(kLongestMs, kFirstMs << std::min(over, 9))));
}

void Breaker::worked(const std::string& key) {
    const std::lock_guard lock(mutex_);
    states_.erase(key);
}

Millis retryAfter(const HttpHeaders& headers, Instant now) {
    const std::string text = headerOf(headers, "retry-after");
    std::int64_t seconds = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    Millis wait = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
    if (text.empty() || fault != std::errc() || end != text.data() + text.size()) {
        tm date{};
        const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
        wait = rest != nullptr && *rest == '\0' ? fromMillis(::timegm(&date) * std::int64_t{1000}) - now : Millis(0);
    }
    return std::clamp<Millis>(wait, Millis(0), kLongestAsked);
}

std::unique_ptr<Transport> makeCarefulTransport(Transport& inner, const Clock& clock) {
    return std::make_unique<CarefulTransport>(inner, clock);
}

}  // namespace portico::credential
