// SPDX-License-Identifier: Apache-2.0
#include "host/api/privacy_versions.h"

#include "host/identity/tenants.h"

namespace portico::api {
namespace {

constexpr std::string_view kColumns =
    "SELECT number, at, meaning, document FROM privacy_versions WHERE tenant_id = :tenant";

PolicyVersion versionFrom(const storage::Row& row) {
    return {row.integer(0), row.instant(1), row.text(2), Json::parse(row.text(3))};
}

}  // namespace

Controller controllerOf(storage::Tx& tx) {
    const auto row = tx.one("SELECT name, address, email FROM privacy_controllers WHERE tenant_id = :tenant");
    return row ? Controller{row->text(0), row->text(1), row->text(2)} : Controller{};
}

void setController(storage::Tx& tx, const Controller& controller) {
    tx.exec(
        "INSERT INTO privacy_controllers (tenant_id, name, address, email) VALUES (:tenant, ?1, ?2, ?3)"
        " ON CONFLICT (tenant_id) DO UPDATE SET name = excluded.name, address = excluded.address,"
        " email = excluded.email",
        controller.name, controller.address, controller.email);
}

std::optional<PolicyVersion> newestVersion(storage::Tx& tx) {
    const auto row = tx.one(std::string(kColumns) + " ORDER BY number DESC LIMIT 1");
    return row ? std::optional(versionFrom(*row)) : std::nullopt;
}

std::optional<PolicyVersion> versionOf(storage::Tx& tx, std::int64_t number) {
    const auto row = tx.one(std::string(kColumns) + " AND number = ?1", number);
    return row ? std::optional(versionFrom(*row)) : std::nullopt;
}

std::vector<PolicyVersion> versions(storage::Tx& tx) {
    std::vector<PolicyVersion> list;
    for (const storage::Row& row :
         tx.query("SELECT number, at, meaning FROM privacy_versions WHERE tenant_id = :tenant ORDER BY number DESC"))
        list.push_back({row.integer(0), row.instant(1), row.text(2), Json()});
    return list;
}

CurrentPolicy currentPolicy(Services& services, const TenantId& tenant) {
    PolicyFacts facts;
    facts.plugins = services.plugins.list(tenant);
    facts.simulated = !services.config.google_simulator.empty();
    std::optional<PolicyVersion> newest;
    services.database.read(tenant, [&](storage::Tx& tx) {
        facts.business = identity::Tenants(tx, services.clock.now()).get(CallContext::system(tenant, "privacy")).name;
        facts.controller = controllerOf(tx);
        newest = newestVersion(tx);
    });
    CurrentPolicy current{policyOf(facts), facts.controller, {}};
    const std::string meaning = meaningOf(current.policy);
    if (newest && newest->meaning == meaning) {
        current.version = std::move(*newest);
        return current;
    }
    services.database.write(tenant, [&](storage::Tx& tx) {
        newest = newestVersion(tx);  // two may have noticed at once
        if (newest && newest->meaning == meaning) {
            current.version = *newest;
            return;
        }
        current.version = {newest ? newest->number + 1 : 1, services.clock.now(), meaning, toJson(current.policy)};
        tx.exec(
            "INSERT INTO privacy_versions (tenant_id, number, at, meaning, document) VALUES (:tenant, ?1, ?2, ?3, ?4)",
            current.version.number, current.version.at, meaning, current.version.document.dump());
    });
    return current;
}

void markSeen(storage::Tx& tx, const UserId& user, std::int64_t number) {
    tx.exec(
        "INSERT INTO privacy_seen (tenant_id, user_id, number) VALUES (:tenant, ?1, ?2)"
        " ON CONFLICT (tenant_id, user_id) DO UPDATE SET number = max(number, excluded.number)",
        user, number);
}

Json noticeJson(storage::Tx& tx, const UserId& user, const std::string& slug) {
    const auto row =
        tx.one("SELECT number, at FROM privacy_versions WHERE tenant_id = :tenant ORDER BY number DESC LIMIT 1");
    if (!row) return nullptr;
    const auto seen = tx.one("SELECT number FROM privacy_seen WHERE tenant_id = :tenant AND user_id = ?1", user);
    const std::int64_t last = seen ? seen->integer(0) : 1;
    return Json::object({{"slug", slug},
                         {"number", row->integer(0)},
                         {"at", formatInstant(row->instant(1))},
                         {"seen", last >= row->integer(0)}});
}

}  // namespace portico::api
