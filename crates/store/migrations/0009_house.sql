-- Logs are read in the order of their ids, which is that of their instants; `sequence` is no longer
-- read or kept up.
DROP INDEX log_events_sequence;
ALTER TABLE log_events ADD COLUMN connection_id TEXT;
CREATE INDEX log_events_user ON log_events (tenant, user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX log_events_kind ON log_events (tenant, kind, id);

CREATE INDEX authentication_methods_id ON authentication_methods (tenant, id);

-- What is read only where it is used, and too large to keep in memory: templates, texts, themes.
CREATE TABLE documents (
    tenant   TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, name)
) STRICT;

CREATE TABLE log_streams (
    tenant   TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id       TEXT    NOT NULL,
    settings TEXT    NOT NULL,
    active   INTEGER NOT NULL,
    position TEXT    NOT NULL,
    due_at   INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX log_streams_due ON log_streams (due_at) WHERE active = 1;
