-- The transactional outbox: an event is written with the change it tells of, and leaves when every consumer has it.
CREATE TABLE outbox (
    tenant_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    data TEXT NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    trace TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) STRICT, WITHOUT ROWID;

-- The last number given out per tenant; kept apart so that numbers stay gapless and increasing after events leave.
CREATE TABLE outbox_heads (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event_consumers (
    tenant_id TEXT NOT NULL,
    consumer TEXT NOT NULL,
    acked_seq INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, consumer)
) STRICT, WITHOUT ROWID;
