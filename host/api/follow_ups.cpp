// SPDX-License-Identifier: Apache-2.0
#include "host/crm/follow_ups.h"

#include "host/api/fields.h"
#include "host/api/resources.h"
#include "host/api/views.h"

namespace portico::api {
namespace {

constexpr int kMost = 2'000;

Json followUpJson(storage::Tx& tx, Names& names, const crm::FollowUp& follow_up) {
    return withNulls(crm::toJson(follow_up), {"staffId", "time"})
        .set("contactName", names.contact(follow_up.contact_id))
        .set("sync", syncJson(tx, "follow-up", follow_up.id));
}

Json read(Call& call) {
    Json body = call.request.json();
    const Fields fields(body, {"contactId", "staffId", "title", "notes", "date", "time", "timeZone", "done"});
    fields.text("contactId");
    fields.text("title");
    fields.text("date");
    return body;
}

crm::FollowUpInput inputOf(Call& call, storage::Tx& tx, const Json& body) {
    Json whole = body;
    if (!whole.optStr("timeZone")) whole.set("timeZone", tenantZone(call, tx));
    return crm::followUpInput(whole);
}

http::Response listFollowUps(Call& call) {
    return call.read([&](storage::Tx& tx) {
        crm::FollowUpQuery query;
        query.contact_id = call.given("contactId");
        if (call.given("open")) query.done = !call.flag("open");
        const crm::Span span = spanOf(call, tx);
        query.due_from = span.from;
        query.due_until = span.until;
        query.limit = kMost;
        Names names(call, tx);
        std::vector<Json> items;
        for (const crm::FollowUp& follow_up : crm::FollowUps(tx, call.now()).list(call.ctx, query))
            items.push_back(followUpJson(tx, names, follow_up));
        return pageOf(call, std::move(items));
    });
}

http::Response createFollowUp(Call& call) {
    const Json body = read(call);
    return call.writeOnce([&](storage::Tx& tx) {
        Names names(call, tx);
        return created(
            followUpJson(tx, names, crm::FollowUps(tx, call.now()).create(call.ctx, inputOf(call, tx, body))));
    });
}

http::Response getFollowUp(Call& call) {
    return call.read([&](storage::Tx& tx) {
        Names names(call, tx);
        return versioned(
            followUpJson(tx, names, crm::FollowUps(tx, call.now()).get(call.ctx, call.request.idVar("followUpId"))));
    });
}

http::Response replaceFollowUp(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    const Json body = read(call);
    return call.write([&](storage::Tx& tx) {
        Names names(call, tx);
        return versioned(
            followUpJson(tx, names,
                         crm::FollowUps(tx, call.now())
                             .update(call.ctx, call.request.idVar("followUpId"), expected, inputOf(call, tx, body))));
    });
}

}  // namespace

void addFollowUps(Routes& routes) {
    routes.get("/follow-ups", listFollowUps);
    routes.post("/follow-ups", createFollowUp);
    routes.get("/follow-ups/{followUpId}", getFollowUp);
    routes.put("/follow-ups/{followUpId}", replaceFollowUp);
    routes.del("/follow-ups/{followUpId}", [](Call& call) {
        const std::int64_t expected = call.expectedVersion();
        call.write([&](storage::Tx& tx) {
            crm::FollowUps(tx, call.now()).remove(call.ctx, call.request.idVar("followUpId"), expected);
        });
        return http::Response::empty();
    });
}

}  // namespace portico::api
