// SPDX-License-Identifier: Apache-2.0
#include "host/http/event_stream.h"

#include "host/api/live.h"
#include "host/api/resources.h"

namespace portico::api {

std::int64_t LiveEvents::consume(const CallContext& context, const std::vector<storage::StoredEvent>& events) {
    for (const storage::StoredEvent& stored : events)
        stream_.broadcast(context.tenant, stored.event.type, stored.event.subject_id);
    return events.empty() ? 0 : events.back().seq;
}

void addEvents(Routes& routes) {
    routes.get("/events", [](Call& call) {
        return http::Response::eventStream(call.services.events.subscribe(call.ctx.tenant, call.who().session.id));
    });
}

}  // namespace portico::api
