// SPDX-License-Identifier: Apache-2.0
// portico.settings/1: what the tenant's admin set, with the schema's defaults.
#include "host/plugin/enablement.h"
#include "host/plugin/tables.h"

namespace portico::plugin {
namespace {

portico_status get(const portico_host*, const portico_call* abi, portico_sink json) {
    return fence(abi, [&](HostCall& call) {
        const Settings stored = call.services().database.read(
            call.scope().tenant, [&](storage::Tx& tx) { return settings(tx, call.manifest()); });
        emit(json, stored.value.dump());
    });
}

}  // namespace

const portico_settings_1& settingsTable() {
    static constexpr portico_settings_1 kTable{sizeof(portico_settings_1), 0, get};
    return kTable;
}

}  // namespace portico::plugin
