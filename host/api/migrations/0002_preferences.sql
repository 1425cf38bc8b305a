-- How a person likes the interface; nothing here decides rights.
CREATE TABLE preferences (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    language TEXT,  -- null follows the browser
    PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
