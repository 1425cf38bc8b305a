// SPDX-License-Identifier: Apache-2.0
// Which plugins a tenant uses and how it set them up. Functions on a transaction; confined to it.
// A plugin that the host cannot do without (manifest builtin_required) is always enabled and cannot be disabled.
#pragma once

#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/manifest/consent.h"
#include "host/manifest/manifest.h"
#include "host/storage/tx.h"

namespace portico::plugin {

struct Enablement {
    bool enabled = false;
    manifest::Changes
        unconsented;  // what an update asks for that nobody here agreed to; the plugin rests until someone does
    bool usable() const { return enabled && unconsented.empty(); }
};

Enablement enablement(storage::Tx& tx, const manifest::Manifest& manifest);
bool isEnabled(storage::Tx& tx, const manifest::Manifest& manifest);  // whether or not it rests for want of consent
// Enabling agrees to everything that the manifest asks for now, and the plugin hears of the events that it names from
// then on; disabled, it hears of nothing. Throws Conflict when it cannot be disabled. Writes the event "plugin.enabled"
// or "plugin.disabled".
void setEnabled(storage::Tx& tx, const CallContext& context, const manifest::Manifest& manifest, bool enabled,
                Instant now);

// Its name among the consumers of the outbox.
std::string eventConsumer(const PluginId& id);

// The tenants that have it enabled, for the operator who is about to remove it.
std::vector<TenantId> tenantsUsing(storage::SystemTx& tx, const PluginId& id);

// What an eraser found, for its receipt.
struct Erased {
    std::int64_t stored = 0;  // entries of the plugin's own store
    bool settings = false;
};
// Everything that this tenant's database holds for the plugin: its store, its settings, the consent. Disable it first;
// what its streams linked and its connections are for sync and the vault to remove. Writes the event
// "plugin.data_erased".
Erased eraseData(storage::Tx& tx, const CallContext& context, const PluginId& id, Instant now);

struct Settings {
    std::uint64_t revision = 0;   // grows with each change; 0 = never set
    Json value = Json::object();  // with the schema's defaults
};
Settings settings(storage::Tx& tx, const manifest::Manifest& manifest);
// Checks against the manifest's schema (Invalid naming the place) and writes the event "plugin.settings_changed".
Settings setSettings(storage::Tx& tx, const CallContext& context, const manifest::Manifest& manifest, const Json& value,
                     Instant now);

}  // namespace portico::plugin
