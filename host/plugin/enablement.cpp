// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/enablement.h"

#include "host/base/error.h"
#include "host/plugin/schema.h"
#include "host/storage/outbox.h"

namespace portico::plugin {

Enablement enablement(storage::Tx& tx, const manifest::Manifest& manifest) {
    if (manifest.builtin_required) return {true, {}};
    const auto row = tx.one(
        "SELECT enabled, agreed_hash FROM plugin_enablement WHERE tenant_id = :tenant AND plugin = ?1", manifest.id);
    if (!row || !row->boolean(0)) return {};
    if (!manifest.hash.empty() && row->text(1) == manifest.hash) return {true, {}};  // nothing to read or compare
    const auto agreed =
        tx.one("SELECT consent FROM plugin_enablement WHERE tenant_id = :tenant AND plugin = ?1", manifest.id);
    return {true, widened(agreed->text(0), manifest)};
}

bool isEnabled(storage::Tx& tx, const manifest::Manifest& manifest) {
    if (manifest.builtin_required) return true;
    const auto row =
        tx.one("SELECT enabled FROM plugin_enablement WHERE tenant_id = :tenant AND plugin = ?1", manifest.id);
    return row && row->boolean(0);
}

void setEnabled(storage::Tx& tx, const CallContext& context, const manifest::Manifest& manifest, bool enabled,
                Instant now) {
    if (manifest.builtin_required && !enabled)
        throw Error(Code::Conflict, "plugin_required", "disable " + manifest.name + ": Portico cannot do without it");
    tx.exec(
        "INSERT INTO plugin_enablement (tenant_id, plugin, enabled, consent, agreed_hash, changed_by, changed_at)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, plugin) DO UPDATE SET"
        " enabled = excluded.enabled, consent = excluded.consent, agreed_hash = excluded.agreed_hash, changed_by = "
        "excluded.changed_by,"
        " changed_at = excluded.changed_at",
        manifest.id, enabled ? 1 : 0, enabled ? manifest.text : "", enabled ? manifest.hash : "", context.actor.str(),
        now);
    storage::appendEvent(tx, context,
                         {enabled ? "plugin.enabled" : "plugin.disabled", "plugin", manifest.id.str(),
                          Json::object().set("version", manifest.version).set("manifest", manifest.hash)},
                         now);
    if (enabled && !manifest.events.empty())
        storage::joinConsumer(tx, eventConsumer(manifest.id));
    else
        storage::leaveConsumer(tx, eventConsumer(manifest.id));
}

std::string eventConsumer(const PluginId& id) { return "plugin:" + id.str(); }

std::vector<TenantId> tenantsUsing(storage::SystemTx& tx, const PluginId& id) {
    std::vector<TenantId> all;
    for (const storage::Row& row :
         tx.query("SELECT tenant_id FROM plugin_enablement WHERE plugin = ?1 AND enabled = 1 ORDER BY tenant_id", id))
        all.emplace_back(row.text(0));
    return all;
}

Erased eraseData(storage::Tx& tx, const CallContext& context, const PluginId& id, Instant now) {
    Erased erased;
    erased.stored = tx.exec("DELETE FROM plugin_store WHERE tenant_id = :tenant AND plugin = ?1", id);
    tx.exec("DELETE FROM plugin_store_usage WHERE tenant_id = :tenant AND plugin = ?1", id);
    erased.settings = tx.exec("DELETE FROM plugin_settings WHERE tenant_id = :tenant AND plugin = ?1", id) > 0;
    tx.exec("DELETE FROM plugin_sharing WHERE tenant_id = :tenant AND plugin = ?1", id);
    tx.exec("DELETE FROM plugin_enablement WHERE tenant_id = :tenant AND plugin = ?1", id);
    storage::appendEvent(tx, context,
                         {"plugin.data_erased", "plugin", id.str(), Json::object().set("stored", erased.stored)}, now);
    return erased;
}

Settings settings(storage::Tx& tx, const manifest::Manifest& manifest) {
    const auto row =
        tx.one("SELECT revision, settings FROM plugin_settings WHERE tenant_id = :tenant AND plugin = ?1", manifest.id);
    if (!row) return {0, withDefaults(manifest.settings, Json::object())};
    return {static_cast<std::uint64_t>(row->integer(0)), withDefaults(manifest.settings, Json::parse(row->text(1)))};
}

Settings setSettings(storage::Tx& tx, const CallContext& context, const manifest::Manifest& manifest, const Json& value,
                     Instant now) {
    if (!value.isObject()) throw Error(Code::Invalid, "bad_value", "settings must be an object");
    checkAgainst(manifest.settings, value, "settings");
    tx.exec(
        "INSERT INTO plugin_settings (tenant_id, plugin, revision, settings) VALUES (:tenant, ?1, 1, ?2)"
        " ON CONFLICT (tenant_id, plugin) DO UPDATE SET revision = revision + 1, settings = excluded.settings",
        manifest.id, value.dump());
    const Settings stored = settings(tx, manifest);
    // Names only: what is set may be personal, and nobody needs it twice.
    Json names = Json::array();
    for (const auto& [name, member] : value.members()) names.push(name);
    storage::appendEvent(
        tx, context,
        {"plugin.settings_changed", "plugin", manifest.id.str(),
         Json::object().set("revision", static_cast<std::int64_t>(stored.revision)).set("members", std::move(names))},
        now);
    return stored;
}

}  // namespace portico::plugin
