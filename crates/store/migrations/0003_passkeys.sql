-- WebAuthn credentials: passkeys, security keys, device biometrics.

-- `credential_id` is the base64url of the credential's id, `credential` the rest as a document.
ALTER TABLE authentication_methods ADD COLUMN credential_id TEXT;
ALTER TABLE authentication_methods ADD COLUMN credential TEXT;
CREATE UNIQUE INDEX authentication_methods_credential
    ON authentication_methods (tenant, credential_id) WHERE credential_id IS NOT NULL;

ALTER TABLE domains ADD COLUMN relying_party_identifier TEXT;

-- Until when nobody offers a person a passkey.
CREATE TABLE passkey_snoozes (
    tenant  TEXT    NOT NULL,
    user_id TEXT    NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;

-- Ceremonies of apps that show their own pages; `handle` is the hash of the `auth_session`.
CREATE TABLE passkey_transactions (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle)
) STRICT;
CREATE INDEX passkey_transactions_expiry ON passkey_transactions (expires_at);
