-- Who answers for a business's data, as its privacy page names them.
CREATE TABLE privacy_controllers (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    email TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Each version of that page whose meaning differs from the one before; none is ever changed or removed.
CREATE TABLE privacy_versions (
    tenant_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    meaning TEXT NOT NULL,   -- SHA-256 (hex) of the keys of its statements
    document TEXT NOT NULL,  -- JSON: the page as it read then
    PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

-- The newest version that a person has opened.
CREATE TABLE privacy_seen (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
