-- Long work: imports and exports of users. A job is done in steps, and each step moves `position` in
-- the transaction that did it, so that whoever goes on after an end of whatever kind does no step
-- twice and leaves none out.
CREATE TABLE jobs (
    tenant       TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    details      TEXT,
    -- Of a file that stays with who has it, for finding its job again; no server does such a job.
    content_hash TEXT,
    total        INTEGER,
    position     INTEGER NOT NULL,
    last_key     TEXT,
    inserted     INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    -- When it ceases to be of interest, a day later.
    touched_at   INTEGER NOT NULL,
    -- Until when a process that took it up is believed to be at it.
    lease_until  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX jobs_due ON jobs (lease_until) WHERE status = 'pending' AND content_hash IS NULL;
CREATE INDEX jobs_content ON jobs (tenant, content_hash) WHERE content_hash IS NOT NULL;
CREATE INDEX jobs_touched ON jobs (touched_at);

-- What was sent for an import, or what an export has so far.
CREATE TABLE job_parts (
    tenant TEXT    NOT NULL,
    job_id TEXT    NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (tenant, job_id, number),
    FOREIGN KEY (tenant, job_id) REFERENCES jobs (tenant, id) ON DELETE CASCADE
) STRICT;

-- Users that were not imported, by their place in the file, and why.
CREATE TABLE job_errors (
    tenant   TEXT    NOT NULL,
    job_id   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    error    TEXT    NOT NULL,
    PRIMARY KEY (tenant, job_id, position),
    FOREIGN KEY (tenant, job_id) REFERENCES jobs (tenant, id) ON DELETE CASCADE
) STRICT;
