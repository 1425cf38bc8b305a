// SPDX-License-Identifier: Apache-2.0
// The addresses that services post notifications to, one per watch, and what was posted there and not yet read.
// Functions over a transaction; thread contract and atomicity are the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.h"
#include "host/sync/links.h"

namespace portico::sync {

struct Hook {
    std::string address;  // addressOf(the secret part of its URL)
    StreamKey key;
    std::string collection, channel, token;
    Json watch;                        // null while the plugin still asks for it
    Instant renew_at{}, expires_at{};  // once there is a watch

    // As plugins get it (portico.webhook/1): what they gave, with what they were told when they asked.
    Json told() const;
};

// The SHA-256 of the last part of a URL: only this is kept, so nothing that is stored says where to post.
std::string addressOf(std::string_view secret);

std::optional<TenantId> tenantOf(storage::SystemTx& tx, const std::string& address);
std::optional<Hook> findHook(storage::Tx& tx, const std::string& address);
std::vector<Hook> hooksOf(storage::Tx& tx, const StreamKey& key, const std::string& collection);
void saveHook(storage::Tx& tx, const Hook& hook);
// With what waits there.
void removeHook(storage::Tx& tx, const std::string& address);
void removeHooks(storage::Tx& tx, const ConnectionId& connection);

struct Notification {
    std::int64_t number = 0;
    Json head;
    std::string body;
};

// False when `most` wait there already.
bool keepNotification(storage::Tx& tx, const std::string& address, const Json& head, std::string_view body, int most);
// Of all tenants: how many addresses services post to, and when one last did.
struct NotificationsSeen {
    std::int64_t watches = 0;
    std::optional<Instant> last;
};
NotificationsSeen notificationsSeen(storage::SystemTx& tx);
void noteNotified(storage::Tx& tx, const std::string& address, Instant at);
std::vector<Notification> notificationsOf(storage::Tx& tx, const std::string& address, int limit);
void dropNotifications(storage::Tx& tx, const std::string& address, std::int64_t up_to);

// How often in a row a stream could not be watched; 0 and no words when the last attempt succeeded.
struct WatchFailure {
    int failures = 0;
    std::string problem;
};
WatchFailure watchFailure(storage::Tx& tx, const StreamKey& key, const std::string& collection);
void saveWatchFailure(storage::Tx& tx, const StreamKey& key, const std::string& collection, const WatchFailure& now);

}  // namespace portico::sync
