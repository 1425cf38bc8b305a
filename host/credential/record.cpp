// SPDX-License-Identifier: Apache-2.0
#include "host/credential/record.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/credential/aead.h"

namespace portico::credential {
namespace {

constexpr std::string_view kMagic = "CV";
constexpr char kFormat = 1, kSuite = 1;
constexpr std::size_t kKeyIdAt = 8, kSaltAt = 24, kCommitmentAt = 56, kNonceAt = 88;
constexpr std::string_view kInfo = "portico-vault/v1/1/enc+commit";

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

std::string seal(const Key& key, const Binding& binding, std::string_view plaintext) {
    const std::string salt = randomBytes(32), nonce = randomBytes(kGcmNonce);
    const SecretBytes derived = derive(key, salt);
    std::string record(kMagic);
    record += {kFormat, kSuite};
    appendNumber(record, key.version, 4);
    record += key.id;
    record += salt;
    record += derived.reveal().substr(32);
    record += nonce;
    std::string padded = pad(plaintext);
    record += gcmSeal(derived.reveal().substr(0, 32), nonce, record + encode(binding), padded);
    wipe(padded);
    return record;
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
    const auto plain = gcmOpen(derived.reveal().substr(0, 32), head.substr(kNonceAt, kGcmNonce),
                               std::string(head) + encode(binding), record.substr(kRecordHead));
    if (!plain) refuse();
    const std::size_t mark = plain->reveal().find_last_not_of('\0');
    if (mark == std::string_view::npos || plain->reveal()[mark] != '\x80') refuse();
    return SecretBytes(plain->reveal().substr(0, mark));
}

std::string scopesDigest(std::vector<std::string> scopes) {
    std::sort(scopes.begin(), scopes.end());
    scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
    std::string text;
    for (const std::string& scope : scopes) appendField(text, scope);
    return sha256(text);
}

}  // namespace portico::credential
