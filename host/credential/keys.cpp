// SPDX-License-Identifier: Apache-2.0
#include "host/credential/keys.h"

#include <sys/stat.h>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"

namespace portico::credential {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFileHead = "portico-vault-key 1 ";
constexpr std::string_view kCheckText = "portico";

[[noreturn]] void sealedState(const std::string& text) { throw Error(Code::Unavailable, "vault_sealed", text); }

std::string lostAdvice(const fs::path& file) {
    return "Put the right key file back from your backup as " + file.string() +
           " and restart. If it is lost for good, remove the vault's database (vault.db) too: all connections are then "
           "gone "
           "and users connect their accounts again.";
}

// "portico-vault-key 1 <32 hex: key id> <base64url: 32 bytes>\n"
Key readKeyFile(const fs::path& file) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) sealedState("the vault's key file " + file.string() + " cannot be read.");
    if ((facts.st_mode & 077) != 0)
        sealedState("the vault's key file " + file.string() + " can be read by others: run chmod 600 " + file.string() +
                    " and restart.");
    std::string text = readFile(file, 4096);
    Key key;
    try {
        if (!text.starts_with(kFileHead) || !isId(std::string_view(text).substr(kFileHead.size(), 32)))
            throw Error(Code::Invalid, "key_file", "");
        for (std::size_t i = 0; i < 16; ++i)
            key.id += static_cast<char>(std::stoi(text.substr(kFileHead.size() + i * 2, 2), nullptr, 16));
        std::string encoded = text.substr(kFileHead.size() + 33);
        while (!encoded.empty() && encoded.back() == '\n') encoded.pop_back();
        std::string secret = fromBase64Url(encoded);
        wipe(encoded);
        key.version = 1;
        key.secret = SecretBytes::take(secret);
    } catch (const std::exception&) {
        key.secret = SecretBytes();
    }
    wipe(text);
    if (key.secret.size() != 32)
        sealedState("the vault's key file " + file.string() + " is damaged. " + lostAdvice(file));
    return key;
}

void writeKeyFile(const fs::path& file, const Key& key) {
    std::string text = std::string(kFileHead) + toHex(key.id) + " " + toBase64Url(key.secret.reveal()) + "\n";
    fs::create_directories(file.parent_path());
    writeFileDurably(file, text, 0600);
    wipe(text);
}

Binding connectionKeyBinding(const std::string& installation, const TenantId& tenant, const std::string& user,
                             const ConnectionId& connection) {
    Binding binding;
    binding.purpose = purpose::kConnectionKey;
    binding.installation = installation;
    binding.tenant = tenant.str();
    binding.user = user;
    binding.connection = connection.str();
    binding.version = 1;
    return binding;
}

}  // namespace

Binding KeyRing::rootBinding(std::string_view purpose) const {
    Binding binding;
    binding.purpose = purpose;
    binding.installation = installation_;
    return binding;
}

KeyRing::KeyRing(const fs::path& key_file, storage::Database& database, const Clock& clock)
    : database_(database), clock_(clock) {
    const auto fact = [&](const char* name) {
        return database_.readSystem("facts of the installation", [&](storage::SystemTx& tx) {
            const auto row = tx.one("SELECT value FROM vault_facts WHERE tenant_id = '' AND name = ?1", name);
            return row ? row->blob(0) : std::string();
        });
    };
    const std::string check = fact("key_check");
    installation_ = fact("installation");
    if (!fs::exists(key_file)) {
        if (!check.empty())
            sealedState("the vault's key file " + key_file.string() +
                        " is missing, and its database holds records sealed with it. " + lostAdvice(key_file));
        writeKeyFile(key_file, Key::make(1));
    }
    root_ = readKeyFile(key_file);
    if (check.empty()) {
        installation_ = newId();
        const std::string sealed = seal(root_, rootBinding(purpose::kKeyCheck), kCheckText);
        database_.writeSystem("facts of the installation", [&](storage::SystemTx& tx) {
            constexpr auto kInsert = "INSERT INTO vault_facts (tenant_id, name, value) VALUES ('', ?1, ?2)";
            tx.exec(kInsert, "installation", storage::Blob{installation_});
            tx.exec(kInsert, "key_check", storage::Blob{sealed});
        });
        return;
    }
    try {
        open(root_, rootBinding(purpose::kKeyCheck), check);
    } catch (const Error&) {
        sealedState("the vault's key file " + key_file.string() + " is not the one its database was sealed with. " +
                    lostAdvice(key_file));
    }
}

Key KeyRing::tenantKey(const TenantId& tenant) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = tenant_keys_.find(tenant.str());
        if (found != tenant_keys_.end()) return found->second.clone();
    }
    Binding binding = rootBinding(purpose::kTenantKey);
    binding.tenant = tenant.str();
    const auto read = [](auto& tx) {
        return tx.one(
            "SELECT version, key_id, sealed FROM tenant_keys WHERE tenant_id = :tenant ORDER BY version DESC LIMIT 1");
    };
    auto row = database_.read(tenant, [&](storage::Tx& tx) { return read(tx); });
    if (!row) {
        const Key made = Key::make(1);
        binding.version = made.version;
        const std::string sealed = seal(root_, binding, made.secret.reveal());
        // Another thread may have been first: what is in the table then counts.
        row = database_.write(tenant, [&](storage::Tx& tx) {
            tx.exec(
                "INSERT INTO tenant_keys (tenant_id, version, key_id, sealed, created_at) VALUES (:tenant, ?1, ?2, ?3, "
                "?4) "
                "ON CONFLICT DO NOTHING",
                made.version, storage::Blob{made.id}, storage::Blob{sealed}, clock_.now());
            return read(tx);
        });
    }
    binding.version = static_cast<std::uint64_t>(row->integer(0));
    Key key{static_cast<std::uint32_t>(row->integer(0)), row->blob(1), open(root_, binding, row->blob(2))};
    const std::lock_guard lock(mutex_);
    tenant_keys_[tenant.str()] = key.clone();
    return key;
}

KeyRing::Fresh KeyRing::makeConnectionKey(const TenantId& tenant, const std::string& user,
                                          const ConnectionId& connection) {
    Key key = Key::make(1);
    // The id is not secret; it travels with the key so that a record says which key it needs.
    std::string plain = key.id + std::string(key.secret.reveal());
    std::string sealed = seal(tenantKey(tenant), connectionKeyBinding(installation_, tenant, user, connection), plain);
    wipe(plain);
    return {std::move(key), std::move(sealed)};
}

Key KeyRing::openConnectionKey(const TenantId& tenant, const std::string& user, const ConnectionId& connection,
                               std::string_view sealed) {
    const SecretBytes plain =
        open(tenantKey(tenant), connectionKeyBinding(installation_, tenant, user, connection), sealed);
    const std::string_view bytes = plain.reveal();
    if (bytes.size() != 48) throw Error(Code::Internal, "key_size", "a sealed connection key has an odd size");
    return {1, std::string(bytes.substr(0, 16)), SecretBytes(bytes.substr(16))};
}

std::string KeyRing::indexKey(const TenantId& tenant, std::string_view kind, std::string_view value) {
    const Key key = tenantKey(tenant);
    const SecretBytes derived = hkdf(key.secret.reveal(), "", "portico-vault/v1/index", 32);
    return toHex(hmacSha256(derived.reveal(), std::string(kind) + '\0' + std::string(value)));
}

}  // namespace portico::credential
