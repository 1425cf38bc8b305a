-- SPDX-License-Identifier: Apache-2.0
-- The vault's own database. Whatever is secret or names a person's account is sealed (CVF1, host/credential/record.h);
-- the rest is what the owner of a connection is shown.

-- Of the installation, not of a tenant (tenant_id is ''): its id, the key check.
CREATE TABLE vault_facts (
    tenant_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;

CREATE TABLE tenant_keys (
    tenant_id  TEXT NOT NULL,
    version    INTEGER NOT NULL,
    key_id     BLOB NOT NULL,
    sealed     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, version)
) STRICT;

-- One user's account at a provider, granted to one plugin. account_id is the same for all plugins of the user that use
-- the same account; subject_key and email_key are HMACs, so that an account is found again without being named.
CREATE TABLE connections (
    tenant_id       TEXT NOT NULL,
    id              TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    plugin_id       TEXT NOT NULL,
    connection_name TEXT NOT NULL,
    provider        TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    subject_key     TEXT NOT NULL,
    email_key       TEXT NOT NULL,
    account_sealed  BLOB NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('connected', 'needsReconnect', 'revoked')),
    problem         TEXT,
    granted         TEXT NOT NULL,
    connected_at    INTEGER NOT NULL,
    last_used_at    INTEGER,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, user_id, plugin_id, connection_name, account_id)
) STRICT;

-- The token and the key that seals it. Deleting the row is the crypto-shredding.
CREATE TABLE grants (
    tenant_id       TEXT NOT NULL,
    connection_id   TEXT NOT NULL,
    grant_epoch     INTEGER NOT NULL,
    record_version  INTEGER NOT NULL,
    key_sealed      BLOB NOT NULL,
    token_sealed    BLOB NOT NULL,
    granted_at      INTEGER NOT NULL,
    refreshed_at    INTEGER NOT NULL,
    refresh_ends_at INTEGER,
    PRIMARY KEY (tenant_id, connection_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE oauth_transactions (
    tenant_id       TEXT NOT NULL,
    state_hash      BLOB NOT NULL UNIQUE,
    user_id         TEXT NOT NULL,
    plugin_id       TEXT NOT NULL,
    connection_name TEXT NOT NULL,
    session_hash    BLOB NOT NULL,
    verifier_sealed BLOB NOT NULL,
    nonce           TEXT NOT NULL,
    scopes          TEXT NOT NULL,
    picker          INTEGER NOT NULL,
    return_to       TEXT NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, state_hash)
) STRICT;

-- Every time a connection was used, or a plugin was refused its use.
CREATE TABLE uses (
    tenant_id     TEXT NOT NULL,
    id            TEXT NOT NULL,
    at            INTEGER NOT NULL,
    trace         TEXT NOT NULL,
    plugin_id     TEXT NOT NULL,
    user_id       TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    method        TEXT NOT NULL,
    host          TEXT NOT NULL,
    path          TEXT NOT NULL,
    status        INTEGER NOT NULL,
    bytes_out     INTEGER NOT NULL,
    bytes_in      INTEGER NOT NULL,
    ms            INTEGER NOT NULL,
    refusal       TEXT,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX uses_by_user ON uses (tenant_id, user_id, id);
CREATE INDEX uses_by_time ON uses (at);

CREATE TABLE connection_log (
    tenant_id     TEXT NOT NULL,
    id            TEXT NOT NULL,
    at            INTEGER NOT NULL,
    user_id       TEXT NOT NULL,
    plugin_id     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL,
    detail        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX connection_log_by_user ON connection_log (tenant_id, user_id, id);

CREATE TABLE receipts (
    tenant_id TEXT NOT NULL,
    number    TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    at        INTEGER NOT NULL,
    removed   TEXT NOT NULL,
    revoked   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT;

-- Tokens of removed connections that the provider has not yet been told of; they can do nothing but be revoked.
CREATE TABLE pending_revocations (
    tenant_id  TEXT NOT NULL,
    id         TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    provider   TEXT NOT NULL,
    receipt    TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    attempts   INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- Connections that must not come back with a restored backup.
CREATE TABLE tombstones (
    tenant_id     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    erased_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, connection_id)
) STRICT;
