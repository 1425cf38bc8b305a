// SPDX-License-Identifier: Apache-2.0
// Parts of answers that several resources share: where a record stands with each plugin, names of people and contacts,
// pages of lists that are short enough to be read whole. Confined to the transaction they are given.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/api/call.h"
#include "host/base/json.h"
#include "host/crm/times.h"
#include "host/storage/tx.h"

namespace portico::api {

// SyncState[] of a record; kinds are contact, appointment, block-time, follow-up.
Json syncJson(storage::Tx& tx, const std::string& kind, const std::string& id);

// Display names, each looked up once.
class Names {
public:
    Names(Call& call, storage::Tx& tx) : call_(call), tx_(tx) {}
    std::string contact(const std::string& id);
    std::string actor(const std::string& id);  // a user's name; "system" and plugins as they are

private:
    Call& call_;
    storage::Tx& tx_;
    std::map<std::string, std::string> contacts_, actors_;
};

std::string tenantZone(Call& call, storage::Tx& tx);
// [from, to): days in the tenant's time zone; open ends where a parameter is absent.
crm::Span spanOf(Call& call, storage::Tx& tx);

// The page after the item whose id is the cursor. An unknown cursor (its item is gone) is Invalid "invalid_parameter".
http::Response pageOf(Call& call, std::vector<Json> items);

// The object with null where a member is absent: the API's objects always have all their members.
Json withNulls(Json object, std::initializer_list<std::string_view> names);
// An instant, or null.
Json instantJson(const std::optional<Instant>& at);

}  // namespace portico::api
