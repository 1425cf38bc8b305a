// SPDX-License-Identifier: Apache-2.0
#include "host/api/views.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/crm/contacts.h"
#include "host/identity/tenants.h"
#include "host/identity/users.h"
#include "host/sync/links.h"

namespace portico::api {

Json instantJson(const std::optional<Instant>& at) { return at ? Json(formatInstant(*at)) : Json(nullptr); }

Json withNulls(Json object, std::initializer_list<std::string_view> names) {
    for (std::string_view name : names)
        if (!object.has(name)) object.set(name, nullptr);
    return object;
}

Json syncJson(storage::Tx& tx, const std::string& kind, const std::string& id) {
    Json states = Json::array();
    for (const sync::RecordState& state : sync::recordStates(tx, kind, id)) {
        states.push(Json::object({{"plugin", state.plugin},
                                  {"connectionId", state.connection.str()},
                                  {"state", state.state},
                                  {"at", formatInstant(fromMillis(state.at))},
                                  {"reason", state.reason.empty() ? Json(nullptr) : Json(state.reason)}}));
    }
    return states;
}

std::string Names::contact(const std::string& id) {
    const auto known = contacts_.find(id);
    if (known != contacts_.end()) return known->second;
    const auto found = crm::Contacts(tx_, call_.now()).find(call_.ctx, id);
    return contacts_[id] = found ? found->display_name : "";
}

std::string Names::actor(const std::string& id) {
    if (!isId(id)) return id;
    if (actors_.empty()) {
        for (const identity::User& user : identity::Users(tx_, call_.now()).list(call_.ctx))
            actors_[user.id.str()] = user.name;
    }
    const auto known = actors_.find(id);
    return known == actors_.end() ? id : known->second;
}

std::string tenantZone(Call& call, storage::Tx& tx) {
    return identity::Tenants(tx, call.now()).get(call.ctx).time_zone;
}

crm::Span spanOf(Call& call, storage::Tx& tx) {
    const std::string zone = tenantZone(call, tx);
    const auto start = [&](std::string_view parameter, Instant otherwise) {
        const auto date = call.given(parameter);
        return date ? crm::daySpan(*date, 1, zone).from : otherwise;
    };
    return {start("from", fromMillis(0)), start("to", fromMillis(253'402'300'799'999))};  // the end of the year 9999
}

http::Response pageOf(Call& call, std::vector<Json> items) {
    const auto idOf = [](const Json& item) -> const std::string& { return item.str("id"); };
    auto from = items.begin();
    if (const std::string after = call.after(); !after.empty()) {
        from = std::find_if(items.begin(), items.end(), [&](const Json& item) { return idOf(item) == after; });
        if (from == items.end()) {
            throw Error(Code::Invalid, "invalid_parameter",
                        "read the next page: 'after' is no cursor of this list any more");
        }
        ++from;
    }
    const auto left = static_cast<std::size_t>(items.end() - from);
    const auto count = std::min(left, static_cast<std::size_t>(call.limit()));
    const auto until = from + static_cast<std::ptrdiff_t>(count);
    std::optional<std::string> next;
    if (count < left) next = idOf(*(until - 1));
    return page(Json::array(Json::Array(std::make_move_iterator(from), std::make_move_iterator(until))), next);
}

}  // namespace portico::api
