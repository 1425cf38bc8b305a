-- SPDX-License-Identifier: Apache-2.0
-- Of the installation (tenant_id is ''): its own registration with a provider, set on the guided page. `sealed` holds the
-- client secret under the root key, bound to the row's other columns but set_at.
CREATE TABLE oauth_clients (
    tenant_id TEXT NOT NULL,
    provider  TEXT NOT NULL,
    client_id TEXT NOT NULL,
    version   INTEGER NOT NULL,
    sealed    BLOB NOT NULL,
    set_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, provider)
) STRICT;

-- Which client a permission was given to: no other can use it. Empty for passwords, and for permissions from before this
-- was noted until a start with a client takes them for its own.
ALTER TABLE grants ADD COLUMN client_id TEXT NOT NULL DEFAULT '';

-- Of the installation: what the provider's answers told of how it is set up there (host/credential/observations.h).
CREATE TABLE observations (
    tenant_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    what      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;
