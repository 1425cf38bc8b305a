CREATE TABLE tenants (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    email TEXT NOT NULL,
    -- One account per address in the whole installation: signing in needs no tenant name.
    email_folded TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'staff')),
    active INTEGER NOT NULL,
    password TEXT,  -- argon2id PHC string; null until the person has set one
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE sessions (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,  -- SHA-256 of the cookie's 32 random bytes
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id);

-- Installation-wide: somebody who is not signed in has no tenant yet.
CREATE TABLE sign_in_failures (
    account TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the folded address, so that mistyped ones are not collected
    failures INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One-use links: the first owner of an installation (no tenant yet), or a person choosing a password.
CREATE TABLE one_use_links (
    token_hash BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('first-owner', 'set-password')),
    tenant_id TEXT,
    user_id TEXT,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
