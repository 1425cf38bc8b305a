CREATE TABLE contacts (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    card TEXT NOT NULL,          -- JSContact; members we do not know are kept
    display_name TEXT NOT NULL,
    sort_name TEXT NOT NULL,     -- surname first, folded
    archived INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    search_rowid INTEGER NOT NULL UNIQUE,  -- the row in contact_search
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX contacts_by_name ON contacts (tenant_id, archived, sort_name, id);

CREATE TABLE contact_emails (
    tenant_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    address TEXT NOT NULL,       -- folded
    PRIMARY KEY (tenant_id, contact_id, address),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_emails_by_address ON contact_emails (tenant_id, address);

CREATE TABLE contact_phones (
    tenant_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    number TEXT NOT NULL,        -- the last nine digits: the same with and without country code
    PRIMARY KEY (tenant_id, contact_id, number),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_phones_by_number ON contact_phones (tenant_id, number);

-- `tenant` is a searched column, so that a query never walks another tenant's hits.
CREATE VIRTUAL TABLE contact_search USING fts5 (
    tenant, name, email, phone, prefix = '2 3 4', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE services (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL,
    buffer_minutes INTEGER NOT NULL,
    price_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    color TEXT NOT NULL,
    active INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE staff (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT,
    color TEXT NOT NULL,
    working_hours TEXT NOT NULL,  -- {"mon":[{"from":"09:00","to":"17:00"}]}
    active INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE appointments (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('appointment', 'meeting')),
    title TEXT NOT NULL,
    service_id TEXT,
    staff_id TEXT NOT NULL,
    start_local TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('confirmed', 'cancelled', 'completed', 'noShow')),
    notes TEXT NOT NULL,
    participants TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
    FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id)
) STRICT;
CREATE INDEX appointments_by_start ON appointments (tenant_id, starts_at, id);
CREATE INDEX appointments_by_staff ON appointments (tenant_id, staff_id, starts_at);

CREATE TABLE appointment_contacts (
    tenant_id TEXT NOT NULL,
    appointment_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, appointment_id, contact_id),
    FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_contacts_by_contact ON appointment_contacts (tenant_id, contact_id);

CREATE TABLE block_times (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    staff_id TEXT NOT NULL,
    title TEXT NOT NULL,
    start_local TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL,
    all_day INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
) STRICT;
CREATE INDEX block_times_by_start ON block_times (tenant_id, starts_at, id);

-- What the double-booking guard looks at, whatever the reason for being busy. A piece is at most 24 hours long (longer
-- spans are several pieces), so that one bounded range of the key answers "who overlaps".
CREATE TABLE occupancies (
    tenant_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('appointment', 'block-time', 'external')),
    subject_id TEXT NOT NULL,    -- the appointment's or block time's id, or the external source
    ends_at INTEGER NOT NULL,
    -- In the order of the columns: otherwise SQLite 3.40's quick_check sees NULLs in a WITHOUT ROWID table that are not there.
    PRIMARY KEY (tenant_id, staff_id, starts_at, kind, subject_id, ends_at),
    CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX occupancies_by_subject ON occupancies (tenant_id, kind, subject_id);

-- Busy times that an outside calendar reported: for whom, by whom, for which window, how old.
CREATE TABLE external_busy_sources (
    tenant_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    source TEXT NOT NULL,
    window_from INTEGER NOT NULL,
    window_until INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, source),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE follow_ups (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    contact_id TEXT NOT NULL,
    staff_id TEXT,
    title TEXT NOT NULL,
    notes TEXT NOT NULL,
    date TEXT NOT NULL,
    time TEXT,
    time_zone TEXT NOT NULL,
    due_at INTEGER NOT NULL,     -- with a time: that instant; without: the start of the day there
    done INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
) STRICT;
CREATE INDEX follow_ups_by_due ON follow_ups (tenant_id, done, due_at, id);
CREATE INDEX follow_ups_by_contact ON follow_ups (tenant_id, contact_id, due_at);

CREATE TABLE notes (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX notes_by_contact ON notes (tenant_id, contact_id, at);

CREATE TABLE files (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    blob TEXT NOT NULL,          -- its name in the blob store
    contact_id TEXT,
    remote TEXT,                 -- JSON: where a plugin keeps a copy
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT;
CREATE INDEX files_by_contact ON files (tenant_id, contact_id, created_at);

-- What happened to a contact itself; notes, appointments and files tell their own part of the timeline.
CREATE TABLE contact_activity (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    title TEXT NOT NULL,         -- the event's type: "contact.created"
    text TEXT NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX contact_activity_by_contact ON contact_activity (tenant_id, contact_id, at);

CREATE TABLE imports (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'undone')),
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE import_items (
    tenant_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    contact_id TEXT NOT NULL,
    version INTEGER NOT NULL,    -- the contact's version right after the import
    before TEXT,                 -- the card as it was; null when the import made the contact
    PRIMARY KEY (tenant_id, import_id, line),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
