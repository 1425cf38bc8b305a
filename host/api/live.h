// SPDX-License-Identifier: Apache-2.0
// Carries committed events to the browsers that are looking: an outbox consumer like the audit log, so that what the
// pages hear has really happened and arrives in order. A message names a type and an id; the page then reads as usual.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "host/base/call_context.h"
#include "host/storage/outbox.h"

namespace portico::http {
class EventStream;
}

namespace portico::api {

class LiveEvents {
public:
    static constexpr std::string_view kConsumer = "live";

    explicit LiveEvents(http::EventStream& stream) : stream_(stream) {}
    // One tenant's events in order; returns the seq that is done.
    std::int64_t consume(const CallContext& context, const std::vector<storage::StoredEvent>& events);

private:
    http::EventStream& stream_;
};

}  // namespace portico::api
