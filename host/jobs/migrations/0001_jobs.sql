-- Work to be done, until it is done: a finished job is deleted.
CREATE TABLE jobs (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,           -- jobs with one key run one after another
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'parked', 'dead')),
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease TEXT NOT NULL,         -- names one run; whoever holds another has lost the job
    lease_until INTEGER NOT NULL,
    error_code TEXT NOT NULL,
    error_reason TEXT NOT NULL,
    error_text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX jobs_due ON jobs (state, run_at, id);
CREATE INDEX jobs_by_key ON jobs (tenant_id, key, state);

CREATE TABLE schedules (
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    every_ms INTEGER NOT NULL,
    jitter_ms INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (next_at);
