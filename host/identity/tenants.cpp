// SPDX-License-Identifier: Apache-2.0
#include "host/identity/tenants.h"

#include <cctype>

#include "host/identity/users.h"
#include "host/storage/outbox.h"

namespace portico::identity {
namespace {

constexpr std::size_t kLongestName = 120;

std::string slugOf(const TenantInput& input) {
    const bool given = !input.slug.empty();
    std::string slug;
    for (const char c : given ? input.slug : input.name) {
        const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))
            slug += lower;
        else if (!slug.empty() && slug.back() != '-')
            slug += '-';
    }
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    if (given && slug != input.slug)
        throw Error(Code::Invalid, "bad_slug",
                    "'" + input.slug + "' is no short name: use a-z, 0-9 and single hyphens");
    return slug.empty() ? "business" : slug.substr(0, 60);
}

void check(const TenantInput& input) {
    if (input.name.empty() || input.name.size() > kLongestName)
        throw Error(Code::Invalid, "bad_name", "the business needs a name of at most 120 bytes");
    if (input.currency.size() != 3)
        throw Error(Code::Invalid, "bad_currency", "a currency is three letters such as GBP");
    if (input.time_zone.empty() || input.locale.empty())
        throw Error(Code::Invalid, "bad_tenant", "the business needs a time zone and a language");
}

Tenant fromRow(const storage::Row& row) {
    return {TenantId(row.text(0)), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)};
}

}  // namespace

Tenant Tenants::create(const CallContext& context, const TenantInput& input) {
    check(input);
    const std::string slug = slugOf(input);
    // Two businesses may have one name; their short names may not be the same.
    tx_.exec(
        "INSERT INTO tenants (tenant_id, version, name, slug, time_zone, locale, currency, created_at)"
        " SELECT :tenant, 1, ?1, CASE WHEN EXISTS (SELECT 1 FROM tenants WHERE slug = ?2)"
        " THEN ?2 || '-' || substr(:tenant, -6) ELSE ?2 END, ?3, ?4, ?5, ?6",
        input.name, slug, input.time_zone, input.locale, input.currency, now_);
    storage::appendEvent(tx_, context, {"tenant.created", "tenant", tx_.tenant().str(), Json::object({{"version", 1}})},
                         now_);
    return get(context);
}

Tenant Tenants::get(const CallContext&) {
    const auto row = tx_.one(
        "SELECT tenant_id, version, name, slug, time_zone, locale, currency FROM tenants"
        " WHERE tenant_id = :tenant");
    if (!row) throw Error(Code::NotFound, "no_tenant", "this business does not exist");
    return fromRow(*row);
}

Tenant Tenants::update(const CallContext& context, std::optional<std::int64_t> expected_version,
                       const TenantInput& input) {
    if (!context.actor.isSystem())
        require(Users(tx_, now_).get(context, context.actor.user).role, Permission::ManageTenant);
    check(input);
    const Tenant before = get(context);
    if (expected_version && *expected_version != before.version)
        throw Error(Code::Conflict, "version_mismatch",
                    "change the business: someone else changed it first; reload it");
    tx_.exec(
        "UPDATE tenants SET version = version + 1, name = ?1, time_zone = ?2, locale = ?3, currency = ?4"
        " WHERE tenant_id = :tenant",
        input.name, input.time_zone, input.locale, input.currency);
    storage::appendEvent(
        tx_, context, {"tenant.updated", "tenant", tx_.tenant().str(), Json::object({{"version", before.version + 1}})},
        now_);
    return get(context);
}

std::vector<Tenant> allTenants(storage::SystemTx& tx) {
    std::vector<Tenant> tenants;
    for (const storage::Row& row :
         tx.query("SELECT tenant_id, version, name, slug, time_zone, locale, currency FROM tenants ORDER BY tenant_id"))
        tenants.push_back(fromRow(row));
    return tenants;
}

Json toJson(const Tenant& tenant) {
    return Json::object({{"id", tenant.id.str()},
                         {"version", tenant.version},
                         {"name", tenant.name},
                         {"slug", tenant.slug},
                         {"timeZone", tenant.time_zone},
                         {"locale", tenant.locale},
                         {"currency", tenant.currency}});
}

TenantInput tenantInput(const Json& json) {
    TenantInput input;
    input.name = json.str("name");
    input.slug = json.getStr("slug");
    input.time_zone = json.getStr("timeZone", input.time_zone);
    input.locale = json.getStr("locale", input.locale);
    input.currency = json.getStr("currency", input.currency);
    return input;
}

}  // namespace portico::identity
