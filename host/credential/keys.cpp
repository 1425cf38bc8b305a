// SPDX-License-Identifier: Apache-2.0
#include "host/credential/keys.h"

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/credential/aead.h"

namespace portico::credential {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kCheckText = "portico";
constexpr auto kNewestTenantKey =
    "SELECT version, key_id, sealed FROM tenant_keys WHERE tenant_id = :tenant ORDER BY version DESC LIMIT 1";

[[noreturn]] void sealedState(const std::string& text) { throw Error(Code::Unavailable, "vault_sealed", text); }

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

Binding tenantKeyBinding(Binding root, const std::string& tenant, std::uint64_t version) {
    root.purpose = purpose::kTenantKey;
    root.tenant = tenant;
    root.version = version;
    return root;
}

}  // namespace

Binding KeyRing::rootBinding(std::string_view purpose) const {
    Binding binding;
    binding.purpose = purpose;
    binding.installation = installation_;
    return binding;
}

KeyRing::KeyRing(const fs::path& key_file, const SecretBytes& passphrase, storage::Database& database,
                 const Clock& clock)
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
                        " is missing, and its database holds records sealed with it. " + lostKeyAdvice(key_file));
        writeRootKeys(key_file, RootKeys::make(), passphrase);
    }
    roots_ = readRootKeys(key_file, passphrase);
    if (check.empty()) {
        installation_ = newId();
        const std::string sealed = seal(roots_.newest(), rootBinding(purpose::kKeyCheck), kCheckText);
        database_.writeSystem("facts of the installation", [&](storage::SystemTx& tx) {
            constexpr auto kInsert = "INSERT INTO vault_facts (tenant_id, name, value) VALUES ('', ?1, ?2)";
            tx.exec(kInsert, "installation", storage::Blob{installation_});
            tx.exec(kInsert, "key_check", storage::Blob{sealed});
        });
        return;
    }
    try {
        open(roots_.of(check), rootBinding(purpose::kKeyCheck), check);
    } catch (const Error&) {
        sealedState("the vault's key file " + key_file.string() + " is not the one its database was sealed with. " +
                    lostKeyAdvice(key_file));
    }
}

Key KeyRing::tenantKey(const TenantId& tenant) { return tenantSecrets(tenant).key; }

KeyRing::TenantSecrets KeyRing::tenantSecrets(const TenantId& tenant) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = tenants_.find(tenant.str());
        if (found != tenants_.end()) return found->second.clone();
    }
    auto row = database_.read(tenant, [&](storage::Tx& tx) { return tx.one(kNewestTenantKey); });
    if (!row) {
        const TenantRow made = sealTenant(tenant, {Key::make(1), SecretBytes::random(32)});
        // Another thread may have been first: what is in the table then counts.
        row = database_.write(tenant, [&](storage::Tx& tx) {
            tx.exec(
                "INSERT INTO tenant_keys (tenant_id, version, key_id, sealed, created_at) VALUES (:tenant, ?1, ?2, ?3, "
                "?4) ON CONFLICT DO NOTHING",
                made.version, storage::Blob{made.key_id}, storage::Blob{made.sealed}, clock_.now());
            return tx.one(kNewestTenantKey);
        });
    }
    const std::string sealed = row->blob(2);
    const SecretBytes plain =
        open(roots_.of(sealed),
             tenantKeyBinding(rootBinding(""), tenant.str(), static_cast<std::uint64_t>(row->integer(0))), sealed);
    const std::string_view bytes = plain.reveal();
    if (bytes.size() != 32 && bytes.size() != 64)
        throw Error(Code::Internal, "key_size", "a sealed tenant key has an odd size");
    TenantSecrets secrets;
    secrets.key = {static_cast<std::uint32_t>(row->integer(0)), row->blob(1), SecretBytes(bytes.substr(0, 32))};
    // Tenants of the first version had no index secret of their own.
    secrets.index = bytes.size() == 64 ? SecretBytes(bytes.substr(32)) : hkdf(bytes, "", "portico-vault/v1/index", 32);
    const std::lock_guard lock(mutex_);
    tenants_[tenant.str()] = secrets.clone();
    return secrets;
}

KeyRing::TenantRow KeyRing::sealTenant(const TenantId& tenant, const TenantSecrets& secrets) {
    std::string plain;
    plain.reserve(64);
    plain += secrets.key.secret.reveal();
    plain += secrets.index.reveal();
    TenantRow row{secrets.key.version, secrets.key.id,
                  seal(roots_.newest(), tenantKeyBinding(rootBinding(""), tenant.str(), secrets.key.version), plain)};
    wipe(plain);
    return row;
}

KeyRing::TenantRow KeyRing::renewTenantKey(const TenantId& tenant) {
    TenantSecrets secrets = tenantSecrets(tenant);
    secrets.key = Key::make(secrets.key.version + 1);
    TenantRow row = sealTenant(tenant, secrets);
    const std::lock_guard lock(mutex_);
    tenants_[tenant.str()] = std::move(secrets);
    return row;
}

void KeyRing::reseal(RootKeys roots) {
    database_.writeSystem("the root keys seal every tenant's key", [&](storage::SystemTx& tx) {
        for (const storage::Row& row : tx.query("SELECT tenant_id, version, sealed FROM tenant_keys")) {
            const std::string sealed = row.blob(2);
            const Binding binding =
                tenantKeyBinding(rootBinding(""), row.text(0), static_cast<std::uint64_t>(row.integer(1)));
            const SecretBytes plain = open(roots.of(sealed), binding, sealed);
            tx.exec("UPDATE tenant_keys SET sealed = ?3 WHERE tenant_id = ?1 AND version = ?2", row.text(0),
                    row.integer(1), storage::Blob{seal(roots.newest(), binding, plain.reveal())});
        }
        resealClients(tx, roots);
        tx.exec("UPDATE vault_facts SET value = ?1 WHERE tenant_id = '' AND name = 'key_check'",
                storage::Blob{seal(roots.newest(), rootBinding(purpose::kKeyCheck), kCheckText)});
    });
    roots_ = std::move(roots);
}

Binding KeyRing::clientBinding(const ClientPlace& place) const {
    Binding binding = rootBinding(purpose::kOAuthClient);
    binding.provider = place.provider;
    binding.subject = place.client_id;
    binding.version = place.version;
    return binding;
}

std::string KeyRing::sealClient(const ClientPlace& place, const SecretBytes& secret) const {
    return seal(roots_.newest(), clientBinding(place), secret.reveal());
}

SecretBytes KeyRing::openClient(const ClientPlace& place, std::string_view sealed) const {
    return open(roots_.of(sealed), clientBinding(place), sealed);
}

namespace {

struct StoredClient {
    KeyRing::ClientPlace place;
    std::string sealed;
};

std::vector<StoredClient> storedClients(storage::SystemTx& tx) {
    std::vector<StoredClient> all;
    for (const storage::Row& row : tx.query("SELECT provider, client_id, version, sealed FROM oauth_clients"))
        all.push_back({{row.text(0), row.text(1), static_cast<std::uint64_t>(row.integer(2))}, row.blob(3)});
    return all;
}

}  // namespace

void KeyRing::checkClients() const {
    for (const StoredClient& each : database_.readSystem("of the installation", storedClients))
        openClient(each.place, each.sealed);
}

void KeyRing::renewClients() {
    database_.writeSystem("of the installation", [&](storage::SystemTx& tx) { resealClients(tx, roots_); });
}

void KeyRing::resealClients(storage::SystemTx& tx, const RootKeys& roots) const {
    for (const StoredClient& each : storedClients(tx)) {
        const Binding binding = clientBinding(each.place);
        const SecretBytes plain = open(roots.of(each.sealed), binding, each.sealed);
        tx.exec("UPDATE oauth_clients SET sealed = ?2 WHERE tenant_id = '' AND provider = ?1", each.place.provider,
                storage::Blob{seal(roots.newest(), binding, plain.reveal())});
    }
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
    const SecretBytes index = tenantSecrets(tenant).index;
    return toHex(hmacSha256(index.reveal(), std::string(kind) + '\0' + std::string(value)));
}

}  // namespace portico::credential
