// SPDX-License-Identifier: Apache-2.0
#include "host/credential/record.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::credential {
namespace {

constexpr std::string_view kMagic = "CV";
constexpr char kFormat = 1, kSuite = 1;
constexpr std::size_t kKeyIdAt = 8, kSaltAt = 24, kCommitmentAt = 56, kNonceAt = 88;
constexpr std::string_view kInfo = "portico-vault/v1/1/enc+commit";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void broken() { throw Error(Code::Internal, "openssl", "seal or open a record: OpenSSL refused"); }
[[noreturn]] void refuse() {
    throw Error(Code::Denied, "record_refused",
                "a sealed record of the vault does not open: it was changed, moved or sealed with another key");
}

void appendNumber(std::string& out, std::uint64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
}

void appendField(std::string& out, std::string_view field) {
    if (field.size() > 0xffff) throw Error(Code::Invalid, "binding", "a field that a record is bound to is too long");
    appendNumber(out, field.size(), 2);
    out += field;
}

std::string encode(const Binding& binding) {
    std::string out;
    appendField(out, "portico-vault");
    appendNumber(out, static_cast<std::uint64_t>(kFormat), 1);
    for (const std::string* field : {&binding.purpose, &binding.installation, &binding.tenant, &binding.user,
                                     &binding.connection, &binding.provider, &binding.subject, &binding.scopes})
        appendField(out, *field);
    appendNumber(out, binding.version, 8);
    return out;
}

// The 32-byte record key, then the 32-byte commitment to it.
SecretBytes derive(const Key& key, std::string_view salt) {
    if (key.secret.size() != 32) throw Error(Code::Internal, "key_size", "a vault key must have 32 bytes");
    return hkdf(key.secret.reveal(), salt, kInfo, 64);
}

// Starts the cipher and feeds the additional data.
Cipher begin(bool encrypt, std::string_view key, std::string_view nonce, std::string_view head,
             std::string_view place) {
    Cipher context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    const int mode = encrypt ? 1 : 0;
    if (!context ||
        EVP_CipherInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key), bytes(nonce), mode, nullptr) != 1 ||
        EVP_CipherUpdate(context.get(), nullptr, &size, bytes(head), static_cast<int>(head.size())) != 1 ||
        EVP_CipherUpdate(context.get(), nullptr, &size, bytes(place), static_cast<int>(place.size())) != 1)
        broken();
    return context;
}

// ISO 7816-4: a mark and zeros, at least one byte.
std::string pad(std::string_view plaintext) {
    std::string out;
    out.reserve((plaintext.size() / kRecordPad + 1) * kRecordPad);
    out = plaintext;
    out += '\x80';
    out.resize((plaintext.size() / kRecordPad + 1) * kRecordPad, '\0');
    return out;
}

}  // namespace

Key Key::make(std::uint32_t version) { return {version, randomBytes(16), SecretBytes::random(32)}; }

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

std::string seal(const Key& key, const Binding& binding, std::string_view plaintext) {
    const std::string salt = randomBytes(32), nonce = randomBytes(12), place = encode(binding);
    const SecretBytes derived = derive(key, salt);
    std::string record(kMagic);
    record += {kFormat, kSuite};
    appendNumber(record, key.version, 4);
    record += key.id;
    record += salt;
    record += derived.reveal().substr(32);
    record += nonce;
    std::string padded = pad(plaintext);
    const Cipher context = begin(true, derived.reveal().substr(0, 32), nonce, record, place);
    std::string sealed(padded.size(), '\0'), tag(kRecordTag, '\0');
    int size = 0;
    const bool done = EVP_CipherUpdate(context.get(), bytes(sealed), &size, bytes(std::string_view(padded)),
                                       static_cast<int>(padded.size())) == 1 &&
                      EVP_CipherFinal_ex(context.get(), bytes(tag), &size) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kRecordTag, tag.data()) == 1;
    wipe(padded);
    if (!done) broken();
    return record + sealed + tag;
}

SecretBytes open(const Key& key, const Binding& binding, std::string_view record) {
    if (record.size() < 4 || !record.starts_with(kMagic)) refuse();
    if (record[2] != kFormat || record[3] != kSuite)
        throw Error(
            Code::Unsupported, "record_format",
            "a sealed record has a format this version of Portico does not know; use the version that wrote it");
    if (record.size() < kRecordHead + kRecordPad + kRecordTag ||
        (record.size() - kRecordHead - kRecordTag) % kRecordPad != 0)
        refuse();
    const std::string_view head = record.substr(0, kRecordHead);
    if (head.substr(kKeyIdAt, 16) != key.id) refuse();
    const SecretBytes derived = derive(key, head.substr(kSaltAt, 32));
    if (!constantTimeEqual(derived.reveal().substr(32), head.substr(kCommitmentAt, 32))) refuse();
    const std::string_view sealed = record.substr(kRecordHead, record.size() - kRecordHead - kRecordTag);
    std::string tag(record.substr(record.size() - kRecordTag));
    const std::string place = encode(binding);
    const Cipher context = begin(false, derived.reveal().substr(0, 32), head.substr(kNonceAt, 12), head, place);
    std::string plain(sealed.size(), '\0');
    int size = 0;
    const bool good =
        EVP_CipherUpdate(context.get(), bytes(plain), &size, bytes(sealed), static_cast<int>(sealed.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kRecordTag, tag.data()) == 1 &&
        EVP_CipherFinal_ex(context.get(), bytes(tag), &size) == 1;
    const std::size_t mark = plain.find_last_not_of('\0');
    if (!good || mark == std::string::npos || plain[mark] != '\x80') {
        wipe(plain);
        refuse();
    }
    SecretBytes out{std::string_view(plain).substr(0, mark)};
    wipe(plain);
    return out;
}

std::string scopesDigest(std::vector<std::string> scopes) {
    std::sort(scopes.begin(), scopes.end());
    scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
    std::string text;
    for (const std::string& scope : scopes) appendField(text, scope);
    return sha256(text);
}

}  // namespace portico::credential
