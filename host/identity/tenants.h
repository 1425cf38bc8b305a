// SPDX-License-Identifier: Apache-2.0
// A tenant: one business. Its repository; confined to the transaction it is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/storage/tx.h"

namespace portico::identity {

struct TenantInput {
    std::string name;
    std::string slug;  // empty: made from the name; [a-z0-9-], unique in the installation
    std::string time_zone = "Europe/London";
    std::string locale = "en-GB";
    std::string currency = "GBP";
};

struct Tenant {
    TenantId id;
    std::int64_t version = 0;
    std::string name, slug, time_zone, locale, currency;
};

class Tenants {
public:
    Tenants(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}

    // The row of tx's own tenant, whose id the caller chose with newId().
    Tenant create(const CallContext& context, const TenantInput& input);
    Tenant get(const CallContext& context);
    // Needs ManageTenant. Conflict "version_mismatch" when someone else was first.
    Tenant update(const CallContext& context, std::optional<std::int64_t> expected_version, const TenantInput& input);

private:
    storage::Tx& tx_;
    Instant now_;
};

std::vector<Tenant> allTenants(storage::SystemTx& tx);

Json toJson(const Tenant& tenant);
TenantInput tenantInput(const Json& json);

}  // namespace portico::identity
