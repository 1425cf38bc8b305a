-- SPDX-License-Identifier: Apache-2.0
-- A link with which a person who cannot sign in any more has what is kept of their accounts erased.
CREATE TABLE one_use_links_2 (
    token_hash BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('first-owner', 'set-password', 'erase')),
    tenant_id TEXT,
    user_id TEXT,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO one_use_links_2 SELECT token_hash, purpose, tenant_id, user_id, expires_at FROM one_use_links;
DROP TABLE one_use_links;
ALTER TABLE one_use_links_2 RENAME TO one_use_links;
