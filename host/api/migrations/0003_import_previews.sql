-- An import file that was read and is waiting for a yes: its content lies in the blob store for an hour.
CREATE TABLE import_previews (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    blob TEXT NOT NULL,       -- empty once it was committed
    state TEXT NOT NULL CHECK (state IN ('preview', 'committing', 'committed', 'undone')),
    import_id TEXT NOT NULL,  -- of the CRM's batch; empty before
    preview TEXT NOT NULL,    -- JSON: what the preview showed
    created INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
