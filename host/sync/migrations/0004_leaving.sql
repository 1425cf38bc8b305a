-- A person leaves and wants something removed first. While `receipt` is NULL the connections are used for that alone.
CREATE TABLE sync_leaving (
    tenant_id   TEXT NOT NULL,
    id          TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    connections TEXT NOT NULL,                 -- JSON: their ids
    ending      TEXT NOT NULL,                 -- JSON: how to end them afterwards; whoever began knows what it means
    there       INTEGER NOT NULL,              -- 1: what we made in the account is removed
    started_at  INTEGER NOT NULL,
    until       INTEGER NOT NULL,              -- then it ends, whatever is left
    total       INTEGER NOT NULL,
    removed     INTEGER NOT NULL DEFAULT 0,
    stayed      INTEGER NOT NULL DEFAULT 0,    -- changed there since, or refused
    problem     TEXT,                          -- why it does not go on at the moment
    receipt     TEXT,                          -- JSON, without the account's name; NULL while it goes on
    PRIMARY KEY (tenant_id, id)
) STRICT;
