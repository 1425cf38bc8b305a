-- When the person said of themselves that they are 13 or over; null until they have.
ALTER TABLE users ADD COLUMN of_age_at INTEGER;

-- What a person is shown of their own sign-ins.
CREATE TABLE sign_ins (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('signedIn', 'failed')),
    user_agent TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sign_ins_by_user ON sign_ins (tenant_id, user_id, id);
CREATE INDEX sign_ins_by_time ON sign_ins (at);
