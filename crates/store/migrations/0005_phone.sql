-- Telephone numbers as a factor: `address` holds the number, `channel` how it is reached.
ALTER TABLE authentication_methods ADD COLUMN channel TEXT;

-- Limits that outlive a restart. A full bucket and none are the same.
CREATE TABLE buckets (
    tenant TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    level  INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;
CREATE INDEX buckets_at ON buckets (at);
