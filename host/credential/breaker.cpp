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
    CarefulTransport(Transport& inner, const Clock& clock, ProviderWatch& watch)
        : inner_(inner), clock_(clock), watch_(watch) {}

    HttpResponse send(const HttpRequest& request) override {
        const std::string host = request.url.substr(0, request.url.find('/', 8));  // "https://host[:port]"
        if (const Millis wait = hosts_.rest(host, clock_.now()); wait.count() > 0)
            throw Error(Code::Unavailable, "provider_resting",
                        host + " failed several times in a row; it is asked again in " +
                            std::to_string((wait.count() + 999) / 1000) + " s",
                        wait.count());
        try {
            HttpResponse response = request.own_server ? inner_.send(request) : sendWatched(request);
            if (response.status >= 500)
                failed(request, host, "errors", retryAfter(response.headers, clock_.now()));
            else
                worked(request, host);
            return response;
        } catch (const Error& error) {
            // What the caller's own part threw, or its leaving, says nothing about the host.
            if (error.reason() == "http_not_sent" || error.reason() == "http_unknown")
                failed(request, host, "unreachable", Millis(0));
            if (error.reason() == "http_tls" && !request.own_server)
                watch_.failed(host, clock_.now(), "insecure", std::nullopt);
            throw;
        }
    }

private:
    // Looks at the clock when the answer begins: its end may be a whole file later.
    HttpResponse sendWatched(const HttpRequest& request) {
        const Instant sent = clock_.now();
        HttpRequest watched = request;
        watched.on_head = [&](int status, const HttpHeaders& headers) {
            watch_.dated(headerOf(headers, "date"), sent, clock_.now());
            if (request.on_head) request.on_head(status, headers);
        };
        return inner_.send(watched);
    }
    void failed(const HttpRequest& request, const std::string& host, const char* why, Millis asked) {
        const Instant now = clock_.now();
        hosts_.failed(host, now, asked);
        if (!request.own_server) watch_.failed(host, now, why, hosts_.until(host, now));
    }
    void worked(const HttpRequest& request, const std::string& host) {
        hosts_.worked(host);
        if (!request.own_server) watch_.worked(host);
    }

    Transport& inner_;
    const Clock& clock_;
    ProviderWatch& watch_;
    Breaker hosts_{kPatience};
};

}  // namespace

Millis Breaker::rest(const std::string& key, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(key);
    if (found == states_.end() || found->second.until == Instant{}) return Millis(0);
    State& state = found->second;
    // Further off than anything asks for: this machine's clock was set back.
    if (now < state.until && state.until - now <= kLongestAsked) return state.until - now;
    state.until = now + kTrial;
    return Millis(0);
}

std::optional<Instant> Breaker::until(const std::string& key, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(key);
    return found != states_.end() && found->second.until > now ? std::optional(found->second.until) : std::nullopt;
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

std::optional<Instant> httpDate(const std::string& text) {
    tm date{};
    const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (rest == nullptr || *rest != '\0') return std::nullopt;
    return fromMillis(::timegm(&date) * std::int64_t{1000});
}

Millis retryAfter(const HttpHeaders& headers, Instant now) {
    const std::string text = headerOf(headers, "retry-after");
    std::int64_t seconds = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    Millis wait = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
    if (text.empty() || fault != std::errc() || end != text.data() + text.size()) {
        const std::optional<Instant> date = httpDate(text);
        wait = date ? *date - now : Millis(0);
    }
    return std::clamp<Millis>(wait, Millis(0), kLongestAsked);
}

std::unique_ptr<Transport> makeCarefulTransport(Transport& inner, const Clock& clock, ProviderWatch& watch) {
    return std::make_unique<CarefulTransport>(inner, clock, watch);
}

}  // namespace portico::credential
