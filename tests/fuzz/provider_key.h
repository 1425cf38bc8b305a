// SPDX-License-Identifier: Apache-2.0
// A provider's own signature, so that a search gets past the check of it.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>

#include "host/base/bytes.h"
#include "host/credential/transport.h"
#include "tests/fuzz/fuzz.h"

inline EVP_PKEY* signingKey() {
    static EVP_PKEY* const key = EVP_RSA_gen(2048);
    return key;
}

inline std::string number(const char* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(signingKey(), name, &value);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(value);
    return portico::toBase64Url(bytes);
}

inline std::string keySet() {
    static const std::string text = R"({"keys":[{"kty":"RSA","kid":"k","n":")" + number(OSSL_PKEY_PARAM_RSA_N) +
                                    R"(","e":")" + number(OSSL_PKEY_PARAM_RSA_E) + R"("}]})";
    return text;
}

inline std::string signedToken(std::string_view header, std::string_view claims) {
    const std::string text = portico::toBase64Url(header) + "." + portico::toBase64Url(claims);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(256, '\0');
    std::size_t length = signature.size();
    const bool done = EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, signingKey()) == 1 &&
                      EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length,
                                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    EVP_MD_CTX_free(context);
    require(done, "our key signs");
    return text + "." + portico::toBase64Url(signature);
}

// The provider's published keys, over the network.
class KeySet final : public portico::credential::Transport {
public:
    explicit KeySet(std::string content) : content_(std::move(content)) {}
    portico::credential::HttpResponse send(const portico::credential::HttpRequest&) override {
        return {200, {{"cache-control", "max-age=600"}}, content_};
    }

private:
    const std::string content_;
};

// Before the first input: making the key may take longer than an input is given.
extern "C" inline int LLVMFuzzerInitialize(int*, char***) {
    signingKey();
    return 0;
}
