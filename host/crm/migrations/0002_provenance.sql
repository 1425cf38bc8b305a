-- JSON: the source of each value that no person of the business wrote, by JSON Pointer (host/crm/provenance.h). Of
-- appointments, block times and follow-ups it is their time that can come from elsewhere.
ALTER TABLE contacts ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}';
ALTER TABLE appointments ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}';
ALTER TABLE block_times ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}';
ALTER TABLE follow_ups ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}';
ALTER TABLE files ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}';
CREATE INDEX files_by_blob ON files (tenant_id, blob);

-- Who stands behind those sources. Rows outlive the connection: what it brought still came from there.
CREATE TABLE data_sources (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    provider TEXT NOT NULL,      -- empty: the plugin's own making, from nobody's account
    user_id TEXT NOT NULL,       -- whose account; they decide to whom else it goes
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
