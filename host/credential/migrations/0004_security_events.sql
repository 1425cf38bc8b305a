-- SPDX-License-Identifier: Apache-2.0
-- HMACs of how the provider names the refresh token in a security event (first 16 characters; double SHA-512), so that it
-- is found without opening them all. Empty for passwords, and until the token is sealed again.
ALTER TABLE grants ADD COLUMN prefix_key TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN hash_key TEXT NOT NULL DEFAULT '';

-- Of the installation (tenant_id is ''): the security events that were carried out, so that none is twice. Older ones than
-- what is kept here are refused for their age.
CREATE TABLE security_events (
    tenant_id   TEXT NOT NULL,
    jti_hash    BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, jti_hash)
) STRICT;
