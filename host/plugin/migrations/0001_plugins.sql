-- Which plugins a tenant uses, and what its admin agreed to when enabling them (a JSON array of single requests).
CREATE TABLE plugin_enablement (
    tenant_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    consent TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, plugin)
) STRICT, WITHOUT ROWID;

CREATE TABLE plugin_settings (
    tenant_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    revision INTEGER NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (tenant_id, plugin)
) STRICT, WITHOUT ROWID;

-- A plugin's own small state; nobody else reads it.
CREATE TABLE plugin_store (
    tenant_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (tenant_id, plugin, key)
) STRICT, WITHOUT ROWID;

-- Bytes in plugin_store, kept up with each write, because counting them would read everything.
CREATE TABLE plugin_store_usage (
    tenant_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, plugin)
) STRICT, WITHOUT ROWID;
