-- An address that a service posts notifications to. The address itself is nowhere: only the SHA-256 of its last part,
-- so that what is read here (a backup) opens nothing, and `token` is of no use without it.
CREATE TABLE sync_hooks (
    tenant_id      TEXT NOT NULL,
    address        TEXT NOT NULL,              -- SHA-256, hex
    connection_id  TEXT NOT NULL,
    stream         TEXT NOT NULL,
    collection     TEXT NOT NULL,
    channel        TEXT NOT NULL,              -- our name for the watch
    token          TEXT NOT NULL,              -- what the service repeats in each notification
    watch          TEXT,                       -- JSON: what the plugin needs to end it; NULL while it still asks for it
    renew_at       INTEGER,
    expires_at     INTEGER,                    -- NULL as long as watch is
    PRIMARY KEY (tenant_id, address)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sync_hooks_address ON sync_hooks (address);
CREATE INDEX sync_hooks_stream ON sync_hooks (tenant_id, connection_id, stream, collection);

-- Streams whose last attempt to watch failed, until one succeeds.
CREATE TABLE sync_watch_failures (
    tenant_id      TEXT NOT NULL,
    connection_id  TEXT NOT NULL,
    stream         TEXT NOT NULL,
    collection     TEXT NOT NULL,
    failures       INTEGER NOT NULL,           -- in a row
    problem        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream, collection)
) STRICT, WITHOUT ROWID;

-- What was posted and not yet read by the plugin.
CREATE TABLE sync_notifications (
    tenant_id      TEXT NOT NULL,
    address        TEXT NOT NULL,
    number         INTEGER NOT NULL,           -- in order of arrival
    head           TEXT NOT NULL,              -- JSON: method and header fields
    body           BLOB NOT NULL,
    PRIMARY KEY (tenant_id, address, number)
) STRICT, WITHOUT ROWID;
