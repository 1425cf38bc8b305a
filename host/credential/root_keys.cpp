// SPDX-License-Identifier: Apache-2.0
// The file, one line each:
//   portico-vault-key 1 <32 hex: key id> <base64url: 32 bytes> [<version>]     once or twice, the newest first
// or, sealed:
//   portico-vault-passphrase 1 <memory KiB> <passes> <base64url: salt> <base64url: CVF1 record of the lines above>
#include "host/credential/root_keys.h"

#include <argon2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/base/ids.h"
#include "host/base/passphrase.h"

namespace portico::credential {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPlainHead = "portico-vault-key 1 ";
// As much as an attacker's guess shall cost; a start of the vault pays it once.
constexpr std::uint32_t kMemoryKib = 256 * 1024, kPasses = 3;
constexpr std::uint32_t kMostMemoryKib = 4 * kMemoryKib, kMostPasses = 64;  // of a file from elsewhere

[[noreturn]] void sealed(const std::string& text) { throw Error(Code::Unavailable, "vault_sealed", text); }

struct Words {
    std::string text;
    ~Words() { wipe(text); }
};

Key passphraseKey(const SecretBytes& passphrase, std::string_view salt, std::uint32_t memory_kib,
                  std::uint32_t passes) {
    std::string out(32, '\0');
    const std::string_view words = passphrase.reveal();
    const int result = argon2id_hash_raw(passes, memory_kib, 1, words.data(), words.size(), salt.data(), salt.size(),
                                         out.data(), out.size());
    if (result != ARGON2_OK)
        throw Error(Code::Internal, "crypto",
                    std::string("make a key of the passphrase: ") + argon2_error_message(result));
    return {1, sha256(salt).substr(0, 16), SecretBytes::take(out)};
}

Binding fileBinding() {
    Binding binding;
    binding.purpose = purpose::kRootKeys;
    return binding;
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(by), text.size());
        if (end > 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

[[noreturn]] void damaged() { throw Error(Code::Invalid, "key_file", "the key file does not have the right form"); }

Key parseLine(std::string_view line) {
    if (!line.starts_with(kPlainHead)) damaged();
    const auto words = split(line.substr(kPlainHead.size()), ' ');
    if (words.size() < 2 || words.size() > 3 || !isId(words[0])) damaged();
    Key key;
    key.version = words.size() == 3 ? static_cast<std::uint32_t>(std::stoul(std::string(words[2]))) : 1;
    key.id = fromHex(words[0]);
    std::string secret = fromBase64Url(words[1]);
    key.secret = SecretBytes::take(secret);
    if (key.secret.size() != 32) damaged();
    return key;
}

RootKeys parseLines(std::string_view text) {
    RootKeys roots;
    for (const std::string_view line : split(text, '\n')) roots.keys.push_back(parseLine(line));
    if (roots.keys.empty() || roots.keys.size() > 2) damaged();
    return roots;
}

RootKeys openWith(const SecretBytes& passphrase, std::string_view text, const fs::path& file) {
    const auto lines = split(text.substr(kSealedByPassphrase.size()), '\n');
    const auto words = split(lines.empty() ? "" : lines.front(), ' ');
    if (words.size() != 4) damaged();
    const auto memory_kib = static_cast<std::uint32_t>(std::stoul(std::string(words[0])));
    const auto passes = static_cast<std::uint32_t>(std::stoul(std::string(words[1])));
    if (memory_kib < 8 || memory_kib > kMostMemoryKib || passes < 1 || passes > kMostPasses) damaged();
    if (passphrase.empty())
        sealed("the vault's key file " + file.string() +
               " is sealed with a passphrase: give it with --passphrase-file, or start Portico from a terminal.");
    const Key key = passphraseKey(passphrase, fromBase64Url(words[2]), memory_kib, passes);
    try {
        return parseLines(open(key, fileBinding(), fromBase64Url(words[3])).reveal());
    } catch (const Error& error) {
        if (error.reason() != "record_refused") throw;
        sealed("the passphrase does not open the vault's key file " + file.string() +
               ": try again with the right one.");
    }
}

}  // namespace

RootKeys RootKeys::make() {
    RootKeys roots;
    roots.keys.push_back(Key::make(1));
    return roots;
}

const Key& RootKeys::of(std::string_view record) const {
    for (const Key& key : keys)
        if (key.id == keyIdOf(record)) return key;
    sealed("the vault's database was sealed with a root key that its key file does not hold");
}

std::string_view keyIdOf(std::string_view record) {
    return record.size() < kRecordHead ? std::string_view() : record.substr(8, 16);
}

std::string lostKeyAdvice(const fs::path& file) {
    return "Put the right key file back from your backup as " + file.string() +
           " and restart. If it is lost for good, remove the vault's database (vault.db) too: all connections are then "
           "gone and users connect their accounts again.";
}

RootKeys readRootKeys(const fs::path& file, const SecretBytes& passphrase) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) sealed("the vault's key file " + file.string() + " cannot be read.");
    // A credential that systemd hands to a service is root's; its group bits are the access list that names the
    // service.
    const bool handed = facts.st_uid == 0 && facts.st_gid == 0 && ::geteuid() != 0;
    if ((facts.st_mode & (handed ? 007 : 077)) != 0)
        sealed("the vault's key file " + file.string() + " can be read by others: run chmod 600 " + file.string() +
               " and restart.");
    const Words text{readFile(file, 65536)};
    try {
        return text.text.starts_with(kSealedByPassphrase) ? openWith(passphrase, text.text, file)
                                                          : parseLines(text.text);
    } catch (const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        if (known != nullptr && known->reason() == "vault_sealed") throw;
        sealed("the vault's key file " + file.string() + " is damaged. " + lostKeyAdvice(file));
    }
}

void writeRootKeys(const fs::path& file, const RootKeys& roots, const SecretBytes& passphrase) {
    Words text;
    for (const Key& key : roots.keys) {
        Words secret{toBase64Url(key.secret.reveal())};
        text.text.reserve(text.text.size() + 256);  // no reallocation leaves a copy behind
        text.text += kPlainHead;
        text.text += toHex(key.id);
        text.text += " ";
        text.text += secret.text;
        text.text += " " + std::to_string(key.version) + "\n";
    }
    if (!passphrase.empty()) {
        const std::string salt = randomBytes(16);
        const Key key = passphraseKey(passphrase, salt, kMemoryKib, kPasses);
        const std::string record = seal(key, fileBinding(), text.text);
        wipe(text.text);
        text.text = std::string(kSealedByPassphrase) + std::to_string(kMemoryKib) + " " + std::to_string(kPasses) +
                    " " + toBase64Url(salt) + " " + toBase64Url(record) + "\n";
    }
    if (!file.parent_path().empty()) fs::create_directories(file.parent_path());
    writeFileDurably(file, text.text, 0600);
}

}  // namespace portico::credential
