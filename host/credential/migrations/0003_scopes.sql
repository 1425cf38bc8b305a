-- SPDX-License-Identifier: Apache-2.0
-- Which scopes the newest consent asked for, and when each was last used: what the owner of a connection is shown.
ALTER TABLE connections ADD COLUMN requested TEXT NOT NULL DEFAULT '[]';

CREATE TABLE scope_uses (
    tenant_id     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    scope         TEXT NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, scope),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX connection_log_by_time ON connection_log (at);
