// SPDX-License-Identifier: Apache-2.0
// What a provider tells of its accounts (a Security Event Token), which anyone may send. Input: {how u8, bytes}. 0: the
// bytes are the token. 1: they are "HEADER\nCLAIMS" in JSON, signed by the provider's own key.
#include <array>
#include <string>

#include "host/base/error.h"
#include "host/base/json.h"
#include "host/credential/provider_keys.h"
#include "host/credential/security_event_token.h"
#include "tests/fuzz/provider_key.h"

using namespace portico;
using namespace portico::credential;

namespace {

constexpr const char* kAudience = "client.apps.test";
constexpr std::int64_t kNow = 1'000'000;  // seconds

// What the sender is answered with; RFC 8935 knows no other words.
bool isAnswer(const std::string& reason) {
    constexpr std::array kKnown{"invalid_request",   "invalid_issuer", "invalid_audience", "token_unreadable",
                                "token_key_unasked", "token_key",      "token_signature"};
    return std::find(kKnown.begin(), kKnown.end(), reason) != kKnown.end();
}

bool accepted(std::string_view token) {
    KeySet provider(keySet());
    const ManualClock clock(fromMillis(kNow * 1000));
    try {
        ProviderKeys published(google(), provider, clock);
        const Json claims = published.verify(token, Deadline::never());
        const SecurityEventToken said = readSecurityEventToken(claims, google(), kAudience, clock.now());
        require(claims.str("aud") == kAudience && claims.str("iss") == google().event_issuer,
                "it is for us, from them");
        require(!said.id.empty() && said.id == claims.str("jti"), "it can be told from others");
        require(said.signed_at <= clock.now() + kSecurityEventSkew && said.signed_at >= clock.now() - kSecurityEventAge,
                "it is not older than it is remembered");
        require(said.events.size() <= claims.at("events").members().size(), "nothing is made up");
        for (const SecurityEvent& event : said.events)
            require(event.account.empty() != event.token.empty() && !event.kind.empty() && !event.detail.empty() &&
                        event.account.size() + event.token.size() <= 255,
                    "it is about an account or a token");
        return true;
    } catch (const Error& error) {
        require(isAnswer(error.reason()), "a refusal has its code");
        return false;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool works = accepted(signedToken(
        R"({"alg":"RS256","kid":"k"})",
        R"({"iss":"https://accounts.google.com/","aud":"client.apps.test","iat":1000000,"jti":"1","events":{"x":{}}})"));
    require(works, "a good token is accepted");
    if (size == 0) return 0;
    const std::string_view bytes = textOf(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        require(!accepted(bytes), "nobody forges a token");
        return 0;
    }
    const std::size_t line = std::min(bytes.find('\n'), bytes.size());
    accepted(signedToken(bytes.substr(0, line), bytes.substr(std::min(line + 1, bytes.size()))));
    return 0;
}
