// SPDX-License-Identifier: Apache-2.0
#include "host/identity/links.h"

#include "host/base/bytes.h"

namespace portico::identity {
namespace {

[[noreturn]] void expired(std::string_view purpose) {
    throw Error(Code::NotFound, purpose == "erase" ? "erasure_link_expired" : "link_expired",
                "use the link: it is unknown, was used already, or is older than 24 hours; ask for a new one");
}

// Deletes the link and returns its tenant and user (null for the first owner).
storage::Row consume(storage::SystemTx& tx, const std::string& token, std::string_view purpose, Instant now) {
    const auto row = tx.one(
        "DELETE FROM one_use_links WHERE token_hash = ?1 AND purpose = ?2 AND expires_at > ?3"
        " RETURNING tenant_id, user_id",
        storage::Blob{sha256(token)}, purpose, now);
    if (!row) expired(purpose);
    return *row;
}

std::string put(storage::SystemTx& tx, std::string_view purpose, std::optional<std::string> tenant,
                std::optional<std::string> user, Instant now) {
    const std::string token = toBase64Url(randomBytes(32));
    tx.exec(
        "INSERT INTO one_use_links (token_hash, purpose, tenant_id, user_id, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        storage::Blob{sha256(token)}, purpose, tenant, user, now + Links::kGoodFor);
    return token;
}

User createOwner(storage::SystemTx& tx, const CallContext& context, const TenantInput& tenant, const NewOwner& owner,
                 const std::string& hash, Instant now) {
    storage::Tx own = tx.as(context.tenant);
    Tenants(own, now).create(context, tenant);
    const User user = Users(own, now).create(context, {owner.email, owner.name, Role::Owner, true}, hash);
    if (owner.of_age) own.exec("UPDATE users SET of_age_at = ?2 WHERE tenant_id = :tenant AND id = ?1", user.id, now);
    return user;
}

}  // namespace

std::optional<std::string> Links::issueFirstOwner() {
    return database_.writeSystem("the first owner has no tenant yet",
                                 [&](storage::SystemTx& tx) -> std::optional<std::string> {
                                     if (tx.one("SELECT 1 FROM tenants LIMIT 1")) return std::nullopt;
                                     tx.exec("DELETE FROM one_use_links WHERE purpose = 'first-owner'");
                                     return put(tx, "first-owner", std::nullopt, std::nullopt, clock_.now());
                                 });
}

User Links::redeemFirstOwner(const std::string& token, const TenantInput& tenant, const NewOwner& owner) {
    checkNewPassword(owner.password, owner.email);
    const std::string hash = hasher_.hash(owner.password);
    const CallContext context = CallContext::system(TenantId(newId()), "setup");
    return database_.writeSystem("the link makes its tenant", [&](storage::SystemTx& tx) {
        consume(tx, token, "first-owner", clock_.now());
        return createOwner(tx, context, tenant, owner, hash, clock_.now());
    });
}

std::string Links::issue(const CallContext& context, const UserId& user, std::string_view purpose) {
    return database_.writeSystem("links are found by their token alone", [&](storage::SystemTx& tx) {
        storage::Tx own = tx.as(context.tenant);
        Users users(own, clock_.now());
        const User target = users.get(context, user);
        if (!context.actor.isSystem())
            require(users.get(context, context.actor.user).role,
                    target.role == Role::Owner ? Permission::ManageOwners : Permission::ManageUsers);
        own.exec("DELETE FROM one_use_links WHERE tenant_id = :tenant AND user_id = ?1 AND purpose = ?2", user,
                 purpose);
        return put(tx, purpose, context.tenant.str(), user.str(), clock_.now());
    });
}

std::string Links::issueSetPassword(const CallContext& context, const UserId& user) {
    return issue(context, user, "set-password");
}

User Links::redeemSetPassword(const std::string& token, std::string_view password) {
    const std::string email = database_.readSystem("links are found by their token alone", [&](storage::SystemTx& tx) {
        const auto row = tx.one(
            "SELECT u.email FROM one_use_links l JOIN users u ON u.tenant_id = l.tenant_id"
            " AND u.id = l.user_id WHERE l.token_hash = ?1",
            storage::Blob{sha256(token)});
        return row ? row->text(0) : std::string();
    });
    checkNewPassword(password, email);
    const std::string hash = hasher_.hash(password);
    return database_.writeSystem("links are found by their token alone", [&](storage::SystemTx& tx) {
        const storage::Row link = consume(tx, token, "set-password", clock_.now());
        const TenantId tenant{link.text(0)};
        const UserId user{link.text(1)};
        const CallContext context{tenant, Actor{user, "link"}, Deadline::never(), newId()};
        storage::Tx own = tx.as(tenant);
        Users users(own, clock_.now());
        users.setPasswordHash(context, user, hash);
        return users.get(context, user);
    });
}

std::string Links::issueErase(const CallContext& context, const UserId& user) { return issue(context, user, "erase"); }

User Links::bearerOfErase(const std::string& token) {
    return database_.readSystem("links are found by their token alone", [&](storage::SystemTx& tx) {
        const auto link = tx.one(
            "SELECT tenant_id, user_id FROM one_use_links WHERE token_hash = ?1 AND purpose = 'erase'"
            " AND expires_at > ?2",
            storage::Blob{sha256(token)}, clock_.now());
        if (!link) expired("erase");
        const CallContext context = CallContext::system(TenantId(link->text(0)), "link");
        storage::Tx own = tx.as(context.tenant);
        return Users(own, clock_.now()).get(context, UserId(link->text(1)));
    });
}

void Links::spendErase(const std::string& token) {
    database_.writeSystem("links are found by their token alone",
                          [&](storage::SystemTx& tx) { consume(tx, token, "erase", clock_.now()); });
}

User Links::createTenant(const std::string& via, const TenantInput& tenant, const NewOwner& owner) {
    checkNewPassword(owner.password, owner.email);
    const std::string hash = hasher_.hash(owner.password);
    const CallContext context = CallContext::system(TenantId(newId()), via);
    return database_.writeSystem("a tenant is made", [&](storage::SystemTx& tx) {
        return createOwner(tx, context, tenant, owner, hash, clock_.now());
    });
}

}  // namespace portico::identity
