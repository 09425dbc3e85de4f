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

-- What nobody has verified yet is no claim: several tenants may have it, and one can answer there.
CREATE TABLE hosts (
    tenant                   TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    host                     TEXT    NOT NULL,
    canonical                INTEGER NOT NULL,
    verified                 INTEGER NOT NULL,
    relying_party_identifier TEXT,
    settings                 TEXT    NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, host)
) STRICT;
INSERT INTO hosts (tenant, host, canonical, verified, relying_party_identifier)
SELECT tenant, host, canonical, verified, relying_party_identifier FROM domains;
DROP TABLE domains;
ALTER TABLE hosts RENAME TO domains;
CREATE UNIQUE INDEX domains_host ON domains (host) WHERE verified = 1;
CREATE UNIQUE INDEX domains_canonical ON domains (tenant) WHERE canonical = 1;

-- Accounts that were linked to another one: what they were, and the names under which their owner is
-- still found (`identity_id` is the account's id; empty for the user's own names).
ALTER TABLE users ADD COLUMN linked TEXT NOT NULL DEFAULT '[]';
ALTER TABLE identifiers ADD COLUMN identity_id TEXT NOT NULL DEFAULT '';

-- What else is set about organizations.
ALTER TABLE organizations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
