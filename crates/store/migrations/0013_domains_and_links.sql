-- When a key signed.
ALTER TABLE signing_keys ADD COLUMN current_since INTEGER;
ALTER TABLE signing_keys ADD COLUMN current_until INTEGER;
UPDATE signing_keys SET current_since = created_at WHERE state = 'current';

-- What is left of keys whose tokens are no longer accepted.
CREATE TABLE revoked_keys (
    tenant        TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            TEXT    NOT NULL,
    certificate   BLOB    NOT NULL,
    current_since INTEGER,
    current_until INTEGER,
    revoked_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
