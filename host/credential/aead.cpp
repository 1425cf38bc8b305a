// SPDX-License-Identifier: Apache-2.0
#include "host/credential/aead.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "host/base/error.h"

namespace portico::credential {
namespace {

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void broken() { throw Error(Code::Internal, "openssl", "seal or open a record: OpenSSL refused"); }

// With the additional data already fed.
Cipher begin(bool encrypt, std::string_view key, std::string_view nonce, std::string_view additional) {
    if (key.size() != kGcmKey || nonce.size() != kGcmNonce) broken();
    Cipher context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    if (!context ||
        EVP_CipherInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key), bytes(nonce), encrypt ? 1 : 0, nullptr) != 1 ||
        EVP_CipherUpdate(context.get(), nullptr, &size, bytes(additional), static_cast<int>(additional.size())) != 1)
        broken();
    return context;
}

}  // namespace

std::string gcmSeal(std::string_view key, std::string_view nonce, std::string_view additional, std::string_view plain) {
    const Cipher context = begin(true, key, nonce, additional);
    std::string sealed(plain.size(), '\0'), tag(kGcmTag, '\0');
    int size = 0;
    if (EVP_CipherUpdate(context.get(), bytes(sealed), &size, bytes(plain), static_cast<int>(plain.size())) != 1 ||
        EVP_CipherFinal_ex(context.get(), bytes(tag), &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag.size()), tag.data()) != 1)
        broken();
    return sealed + tag;
}

std::optional<SecretBytes> gcmOpen(std::string_view key, std::string_view nonce, std::string_view additional,
                                   std::string_view sealed) {
    if (sealed.size() < kGcmTag) return std::nullopt;
    std::string tag(sealed.substr(sealed.size() - kGcmTag));
    sealed.remove_suffix(kGcmTag);
    const Cipher context = begin(false, key, nonce, additional);
    std::string plain(sealed.size(), '\0');
    int size = 0;
    const bool good =
        EVP_CipherUpdate(context.get(), bytes(plain), &size, bytes(sealed), static_cast<int>(sealed.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1 &&
        EVP_CipherFinal_ex(context.get(), bytes(tag), &size) == 1;
    SecretBytes out = SecretBytes::take(plain);
    return good ? std::optional(std::move(out)) : std::nullopt;
}

SecretBytes hkdf(std::string_view key, std::string_view salt, std::string_view info, std::size_t length) {
    std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
    std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
    const auto octets = [](const char* name, std::string_view value) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
    };
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                     octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
                                     octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    std::string out(length, '\0');
    if (!context || EVP_KDF_derive(context.get(), bytes(out), out.size(), parameters) != 1) broken();
    return SecretBytes::take(out);
}

}  // namespace portico::credential
