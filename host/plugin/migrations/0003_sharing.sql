-- What people allowed to be passed on from their accounts to a plugin that did not bring it (host/plugin/exits.h).
CREATE TABLE plugin_sharing (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    permission TEXT NOT NULL,    -- "google-data"
    fields TEXT NOT NULL,        -- JSON array: those asked for at that moment
    destination TEXT NOT NULL,   -- and where to
    allowed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id, plugin, permission)
) STRICT, WITHOUT ROWID;
