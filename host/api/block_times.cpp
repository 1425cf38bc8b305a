// SPDX-License-Identifier: Apache-2.0
#include "host/crm/block_times.h"

#include "host/api/booking.h"
#include "host/api/fields.h"
#include "host/api/resources.h"
#include "host/api/views.h"

namespace portico::api {
namespace {

Json blockJson(storage::Tx& tx, const crm::BlockTime& block) {
    return crm::toJson(block).set("sync", syncJson(tx, "block-time", block.id));
}

Json read(Call& call) {
    Json body = call.request.json();
    const Fields fields(body, {"staffId", "title", "start", "timeZone", "durationMinutes", "allDay"});
    fields.text("staffId");
    fields.text("title");
    fields.text("start");
    return body;
}

crm::BlockTimeInput inputOf(Call& call, storage::Tx& tx, const Json& body) {
    Json whole = body;
    if (!whole.optStr("timeZone")) whole.set("timeZone", tenantZone(call, tx));
    return crm::blockTimeInput(whole);
}

http::Response listBlockTimes(Call& call) {
    return call.read([&](storage::Tx& tx) {
        std::vector<Json> items;
        for (const crm::BlockTime& block :
             crm::BlockTimes(tx, call.now()).list(call.ctx, spanOf(call, tx), call.given("staffId")))
            items.push_back(blockJson(tx, block));
        return pageOf(call, std::move(items));
    });
}

http::Response createBlockTime(Call& call) {
    const Json body = read(call);
    return booking(body.str("staffId"), [&] {
        return call.writeOnce([&](storage::Tx& tx) {
            return created(blockJson(tx, crm::BlockTimes(tx, call.now()).create(call.ctx, inputOf(call, tx, body))));
        });
    });
}

http::Response replaceBlockTime(Call& call) {
    const std::int64_t expected = call.expectedVersion();
    const Json body = read(call);
    return booking(body.str("staffId"), [&] {
        return call.write([&](storage::Tx& tx) {
            return versioned(blockJson(
                tx, crm::BlockTimes(tx, call.now())
                        .update(call.ctx, call.request.idVar("blockTimeId"), expected, inputOf(call, tx, body))));
        });
    });
}

}  // namespace

void addBlockTimes(Routes& routes) {
    routes.get("/block-times", listBlockTimes);
    routes.post("/block-times", createBlockTime);
    routes.get("/block-times/{blockTimeId}", [](Call& call) {
        return call.read([&](storage::Tx& tx) {
            return versioned(
                blockJson(tx, crm::BlockTimes(tx, call.now()).get(call.ctx, call.request.idVar("blockTimeId"))));
        });
    });
    routes.put("/block-times/{blockTimeId}", replaceBlockTime);
    routes.del("/block-times/{blockTimeId}", [](Call& call) {
        const std::int64_t expected = call.expectedVersion();
        call.write([&](storage::Tx& tx) {
            crm::BlockTimes(tx, call.now()).remove(call.ctx, call.request.idVar("blockTimeId"), expected);
        });
        return http::Response::empty();
    });
}

}  // namespace portico::api
