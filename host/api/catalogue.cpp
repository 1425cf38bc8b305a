// SPDX-License-Identifier: Apache-2.0
// Services and staff. Appointments refer to both for ever, so deleting one takes it out of use and keeps its history.
#include "host/crm/catalogue.h"

#include <algorithm>

#include "host/api/fields.h"
#include "host/api/resources.h"
#include "host/api/views.h"

namespace portico::api {
namespace {

// What differs between the two resources.
struct ServiceKind {
    using Repository = crm::Services;
    static constexpr const char* kId = "serviceId";
    static crm::ServiceInput input(const Json& body) {
        const Fields fields(body,
                            {"name", "durationMinutes", "bufferMinutes", "priceCents", "currency", "color", "active"});
        fields.text("name");
        return crm::serviceInput(body);
    }
};

struct StaffKind {
    using Repository = crm::Staff;
    static constexpr const char* kId = "staffId";
    static crm::StaffInput input(const Json& body) {
        const Fields fields(body, {"name", "userId", "color", "workingHours", "active"});
        fields.text("name");
        fields.object("workingHours");
        return crm::staffInput(body);
    }
};

Json shown(const crm::Service& service) { return crm::toJson(service); }
Json shown(const crm::StaffMember& member) { return withNulls(crm::toJson(member), {"userId"}); }

template <class Kind>
http::Response list(Call& call) {
    const bool inactive_too = call.flag("inactive");
    return call.read([&](storage::Tx& tx) {
        std::vector<Json> items;
        for (const auto& item : typename Kind::Repository(tx, call.now()).list(call.ctx)) {
            if (item.active || inactive_too) items.push_back(shown(item));
        }
        return pageOf(call, std::move(items));
    });
}

template <class Kind>
http::Response create(Call& call) {
    const auto input = Kind::input(call.request.json());
    return call.writeOnce([&](storage::Tx& tx) {
        return created(shown(typename Kind::Repository(tx, call.now()).create(call.ctx, input)));
    });
}

template <class Kind>
http::Response get(Call& call) {
    return call.read([&](storage::Tx& tx) {
        return versioned(shown(typename Kind::Repository(tx, call.now()).get(call.ctx, call.request.idVar(Kind::kId))));
    });
}

template <class Kind>
http::Response replace(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    const auto input = Kind::input(call.request.json());
    return call.write([&](storage::Tx& tx) {
        return versioned(shown(typename Kind::Repository(tx, call.now())
                                   .update(call.ctx, call.request.idVar(Kind::kId), expected, input)));
    });
}

template <class Kind>
http::Response retire(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    call.write([&](storage::Tx& tx) {
        typename Kind::Repository repository(tx, call.now());
        auto item = repository.get(call.ctx, call.request.idVar(Kind::kId));
        item.active = false;
        repository.update(call.ctx, item.id, expected, item);
    });
    return http::Response::empty();
}

template <class Kind>
void add(Routes& routes, const std::string& path) {
    const std::string one = path + "/{" + Kind::kId + "}";
    routes.get(path, list<Kind>);
    routes.post(path, create<Kind>, Access::Admin);
    routes.get(one, get<Kind>);
    routes.put(one, replace<Kind>, Access::Admin);
    routes.del(one, retire<Kind>, Access::Admin);
}

}  // namespace

void addCatalogue(Routes& routes) {
    add<ServiceKind>(routes, "/services");
    add<StaffKind>(routes, "/staff");
}

}  // namespace portico::api
