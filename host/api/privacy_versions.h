// SPDX-License-Identifier: Apache-2.0
// The versions of each business's privacy page and who has seen which. Functions; those on a Tx are confined to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/api/privacy_policy.h"
#include "host/api/services.h"
#include "host/base/call_context.h"
#include "host/storage/tx.h"

namespace portico::api {

struct PolicyVersion {
    std::int64_t number = 0;
    Instant at;
    std::string meaning;
    Json document;  // toJson(Policy) as it was when its meaning was new; null in lists
};

Controller controllerOf(storage::Tx& tx);
void setController(storage::Tx& tx, const Controller& controller);

// The page as it reads now and its newest version, which is written first when the meaning changed. Call it outside
// transactions; cheap, so that it is called wherever the page or its date is about to be shown, and after each change.
struct CurrentPolicy {
    Policy policy;
    Controller controller;
    PolicyVersion version;
};
CurrentPolicy currentPolicy(Services& services, const TenantId& tenant);

std::optional<PolicyVersion> newestVersion(storage::Tx& tx);
std::optional<PolicyVersion> versionOf(storage::Tx& tx, std::int64_t number);
std::vector<PolicyVersion> versions(storage::Tx& tx);  // newest first, without documents

void markSeen(storage::Tx& tx, const UserId& user, std::int64_t number);
// {"slug","number","at","seen"}: the first version of all is news to nobody. Null before there is one.
Json noticeJson(storage::Tx& tx, const UserId& user, const std::string& slug);

}  // namespace portico::api
