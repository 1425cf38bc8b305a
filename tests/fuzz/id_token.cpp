// SPDX-License-Identifier: Apache-2.0
// The provider's proof of who signed in, and the key set it is checked with. Input: {how u8, bytes}. 0: the bytes are
// the token. 1: they are "HEADER\nCLAIMS" in JSON, which the provider's own key then signs, so that the search gets
// past the signature. 2: they are the key set, for a token that is good otherwise.
#include <string>

#include "host/base/error.h"
#include "host/base/json.h"
#include "host/credential/id_token.h"
#include "host/credential/provider_keys.h"
#include "tests/fuzz/provider_key.h"

using namespace portico;
using namespace portico::credential;

namespace {

constexpr const char *kAudience = "client.apps.test", *kNonce = "nonce-1";

std::string goodToken() {
    static const std::string token = signedToken(
        R"({"alg":"RS256","kid":"k"})",
        R"({"iss":"https://accounts.google.com","aud":"client.apps.test","exp":2000,"iat":1000,"nonce":"nonce-1","sub":"1"})");
    return token;
}

// The claims of a token that was accepted; nothing when it was refused.
bool accepted(std::string_view token, std::string keys) {
    KeySet provider(std::move(keys));
    const ManualClock clock(fromMillis(1'500'000));
    try {
        ProviderKeys published(google(), provider, clock);
        const Identity identity =
            IdTokenVerifier(google(), published, clock).verify(token, kAudience, kNonce, Deadline::never());
        require(!identity.subject.empty(), "an account has a name");
        return true;
    } catch (const Error& error) {
        require(error.what()[0] != '\0', "every error has words");
        return false;
    }
}

void checkClaims(std::string_view text) {
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string_view header = text.substr(0, line), claims = text.substr(std::min(line + 1, text.size()));
    if (!accepted(signedToken(header, claims), keySet())) return;
    const Json said = Json::parse(claims);
    require(Json::parse(header).str("alg") == "RS256", "it is signed as agreed");
    require(said.str("aud") == kAudience && said.str("nonce") == kNonce, "it is for this sign-in");
    require(said.str("iss").ends_with("accounts.google.com"), "it is from the provider");
    require(said.integer("exp") >= 1440, "it has not expired");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool works = accepted(goodToken(), keySet());
    require(works, "a good token is accepted");
    if (size == 0) return 0;
    const std::string_view bytes = textOf(data + 1, size - 1);
    switch (data[0] % 3) {
        case 0: require(!accepted(bytes, keySet()), "nobody forges a token"); break;
        case 1: checkClaims(bytes); break;
        default: require(!accepted(goodToken(), std::string(bytes)), "another key proves nothing");
    }
    return 0;
}
