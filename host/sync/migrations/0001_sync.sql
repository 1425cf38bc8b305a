-- One row per collection (address book, calendar) of a connection's stream: how far the engine has come.
CREATE TABLE sync_streams (
    tenant_id      TEXT NOT NULL,
    connection_id  TEXT NOT NULL,
    stream         TEXT NOT NULL,
    collection     TEXT NOT NULL,
    plugin         TEXT NOT NULL,
    user_id        TEXT NOT NULL,
    cursor         TEXT NOT NULL DEFAULT '',   -- '' asks for everything
    pull_run       INTEGER NOT NULL DEFAULT 0, -- counts full pulls: links not seen in one are checked, never just dropped
    last_pull_at   INTEGER,
    last_push_at   INTEGER,
    problem_code   TEXT,                       -- the last failure of the whole stream; NULL when the last run was good
    problem        TEXT,
    PRIMARY KEY (tenant_id, connection_id, stream, collection)
) STRICT;

-- One row per record and connection: which remote object it is, what both sides looked like at the last common moment,
-- and what the engine is about to do. The intent and its token are durable before any write leaves the house.
CREATE TABLE sync_links (
    tenant_id      TEXT NOT NULL,
    connection_id  TEXT NOT NULL,
    stream         TEXT NOT NULL,
    local_kind     TEXT NOT NULL,              -- contact, appointment, block-time, follow-up
    local_id       TEXT NOT NULL,
    collection     TEXT NOT NULL,
    remote_ref     TEXT,                       -- NULL until it exists there
    remote_version TEXT,
    token          TEXT,                       -- the id or marker chosen for a create, stored before the create
    intent         TEXT,                       -- create, update, delete: sent, outcome not yet known
    local_version  INTEGER NOT NULL DEFAULT 0, -- the local version that base_local shows
    base_local     TEXT,                       -- JSON: our record at the last common moment
    base_remote    TEXT,                       -- JSON: the same moment as the service shows it
    remote_now     TEXT,                       -- JSON: the service's side of a conflict
    state          TEXT NOT NULL,              -- waiting, synced, failed, conflict, local
    reason_code    TEXT,
    reason         TEXT,
    seen_run       INTEGER NOT NULL DEFAULT 0,
    updated_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream, local_kind, local_id)
) STRICT;
CREATE UNIQUE INDEX sync_links_remote ON sync_links (tenant_id, connection_id, stream, collection, remote_ref)
    WHERE remote_ref IS NOT NULL;
CREATE INDEX sync_links_token ON sync_links (tenant_id, connection_id, stream, token) WHERE token IS NOT NULL;
CREATE INDEX sync_links_state ON sync_links (tenant_id, connection_id, stream, state, local_id);
CREATE INDEX sync_links_local ON sync_links (tenant_id, local_kind, local_id);
