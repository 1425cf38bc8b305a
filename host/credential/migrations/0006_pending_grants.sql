-- SPDX-License-Identifier: Apache-2.0
-- Who is expected to sign in: the connection whose account it was begun for; empty when anyone is.
ALTER TABLE oauth_transactions ADD COLUMN expected TEXT NOT NULL DEFAULT '';

-- Somebody else signed in than expected. What the provider gave waits here, sealed, until the user says what it shall be
-- or the time is over; no connection is made or changed before.
CREATE TABLE pending_grants (
    tenant_id       TEXT NOT NULL,
    id              TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    plugin_id       TEXT NOT NULL,
    connection_name TEXT NOT NULL,
    session_hash    BLOB NOT NULL,
    expected        TEXT NOT NULL,
    scopes          TEXT NOT NULL,
    return_to       TEXT NOT NULL,
    sealed          BLOB NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
