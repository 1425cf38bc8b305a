// SPDX-License-Identifier: Apache-2.0
#include "host/credential/provider_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::credential {
namespace {

[[noreturn]] void refuse(const char* reason, const std::string& why) { throw Error(Code::Denied, reason, why); }

struct Token {
    Json header, claims;
    std::string signed_part, signature;
};

Token split(std::string_view text) {
    const std::size_t first = text.find('.'), second = text.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos ||
        text.find('.', second + 1) != std::string_view::npos)
        refuse("token_unreadable", "it is not a signed token");
    try {
        return {Json::parse(fromBase64Url(text.substr(0, first)), 8192, 8),
                Json::parse(fromBase64Url(text.substr(first + 1, second - first - 1)), 65536, 8),
                std::string(text.substr(0, second)), fromBase64Url(text.substr(second + 1))};
    } catch (const Error&) {
        refuse("token_unreadable", "it cannot be read");
    }
}

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* pointer) const { Free(pointer); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Freed<T, Free>>;

Owned<BIGNUM, BN_free> number(const std::string& bytes) {
    return Owned<BIGNUM, BN_free>(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

Owned<EVP_PKEY, EVP_PKEY_free> rsaKey(const std::string& modulus, const std::string& exponent) {
    const auto n = number(modulus), e = number(exponent);
    Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        refuse("token_key", "the provider's key cannot be used");
    return Owned<EVP_PKEY, EVP_PKEY_free>(key);
}

bool signatureHolds(EVP_PKEY* key, const Token& token) {
    Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(token.signature.data()),
                            token.signature.size(), reinterpret_cast<const unsigned char*>(token.signed_part.data()),
                            token.signed_part.size()) == 1;
}

std::int64_t maxAgeSeconds(const std::string& cache_control) {
    constexpr std::string_view kName = "max-age=";
    const std::size_t at = cache_control.find(kName);
    if (at == std::string::npos) return 300;
    std::int64_t seconds = 0;
    for (std::size_t i = at + kName.size();
         i < cache_control.size() && cache_control[i] >= '0' && cache_control[i] <= '9'; ++i)
        seconds = std::min<std::int64_t>(seconds * 10 + (cache_control[i] - '0'), 86'400);
    return seconds;
}

}  // namespace

void ProviderKeys::fetchKeys(Deadline deadline) {
    HttpRequest request;
    request.method = "GET";
    request.url = provider_.jwks_url;
    request.max_content = 256 * 1024;
    request.deadline = deadline;
    const HttpResponse response = transport_.send(request);
    if (response.status != 200)
        throw Error(Code::Unavailable, "jwks",
                    "read " + provider_.title + "'s signing keys: HTTP " + std::to_string(response.status), 5000);
    std::map<std::string, RsaKey> keys;
    const Json document = Json::parse(response.content, 256 * 1024, 8);
    for (const Json& key : document.at("keys").items())
        if (key.getStr("kty") == "RSA" && key.getStr("alg", "RS256") == "RS256" && key.getStr("use", "sig") == "sig")
            keys[key.getStr("kid")] = {fromBase64Url(key.str("n")), fromBase64Url(key.str("e"))};
    const std::int64_t seconds = maxAgeSeconds(headerOf(response.headers, "cache-control"));
    const std::lock_guard lock(mutex_);
    keys_ = std::move(keys);
    fetched_at_ = clock_.now();
    stale_at_ = fetched_at_ + std::chrono::seconds(seconds);
}

ProviderKeys::RsaKey ProviderKeys::keyFor(const std::string& id, Deadline deadline) {
    for (int attempt = 0; attempt < 2; ++attempt) {
        bool may_fetch = false;
        {
            const std::lock_guard lock(mutex_);
            const auto found = keys_.find(id);
            const bool fresh = clock_.now() < stale_at_;
            if (found != keys_.end() && fresh) return found->second;
            may_fetch = !fresh || clock_.now() - fetched_at_ >= std::chrono::minutes(1);
        }
        if (attempt == 1) break;
        if (!may_fetch) refuse("token_key_unasked", "it is signed with a key that was not published a moment ago");
        fetchKeys(deadline);
    }
    refuse("token_key", "it is signed with a key that the provider does not publish");
}

Json ProviderKeys::verify(std::string_view text, Deadline deadline) {
    Token token = split(text);
    if (token.header.getStr("alg") != "RS256") refuse("token_signature", "its algorithm is not RS256");
    const RsaKey key = keyFor(token.header.getStr("kid"), deadline);
    if (key.modulus.size() < 256) refuse("token_key", "the provider's key is too short");
    if (!signatureHolds(rsaKey(key.modulus, key.exponent).get(), token))
        refuse("token_signature", "its signature is wrong");
    return std::move(token.claims);
}

}  // namespace portico::credential
