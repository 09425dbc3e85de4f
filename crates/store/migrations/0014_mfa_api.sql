-- Grants that wait for a second factor; `handle` is the hash of the `mfa_token`.
CREATE TABLE mfa_transactions (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX mfa_transactions_user ON mfa_transactions (tenant, user_id);
CREATE INDEX mfa_transactions_expiry ON mfa_transactions (expires_at);

-- How many time steps the clock of an authenticator app is ahead of ours, as far as that was seen.
ALTER TABLE authentication_methods ADD COLUMN drift INTEGER NOT NULL DEFAULT 0;

-- Codes by which somebody signs in without a password, one for each application, connection and
-- address: `name` is the hash of these.
CREATE TABLE passwordless_codes (
    tenant     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    code_mac   TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;
CREATE INDEX passwordless_codes_expiry ON passwordless_codes (expires_at);
