// SPDX-License-Identifier: Apache-2.0
#include "host/sync/availability.h"

#include "host/base/log.h"
#include "host/crm/catalogue.h"
#include "host/crm/occupancy.h"

namespace portico::sync {
namespace {

constexpr auto kAhead = std::chrono::hours(24 * 28);  // providers refuse long ranges (google.md: 30 days is safe)

}  // namespace

std::string busySource(const StreamState& stream) { return stream.plugin + ":" + stream.key.connection.str(); }

void refreshBusy(storage::Database& database, plugin::Plugins& plugins, const plugin::CallScope& scope,
                 const StreamState& stream, Instant now) {
    const CallContext ctx = CallContext::system(scope.tenant, "sync:" + stream.key.connection.str());
    const auto member =
        database.read(scope.tenant, [&](storage::Tx& tx) { return crm::Staff(tx, now).ofUser(ctx, stream.user); });
    if (!member) return;  // someone who only works at the desk is nobody's appointment
    crm::ExternalBusy external{member->id, busySource(stream), {now, now + kAhead}, {}};
    for (const Json& line : plugins.busy(PluginId(stream.plugin), scope, Json::array({stream.collection}),
                                         formatInstant(external.window.from), formatInstant(external.window.until))) {
        if (const auto reason = line.optStr("unknown")) {
            log::warning("sync.busy_unknown",
                         {{"tenant", scope.tenant.str()}, {"source", external.source}, {"reason", *reason}});
            return;
        }
        for (const Json& span : line.at("busy").items())
            external.busy.push_back({parseInstant(span.str("start")), parseInstant(span.str("end"))});
    }
    writeStream(database, scope.tenant, stream,
                [&](storage::Tx& tx) { crm::replaceExternalBusy(ctx, tx, external, now); });
}

}  // namespace portico::sync
